/** How fast public pages are on a middling phone, by Lighthouse; 98 points of 100 are the least. Each is visited three times, and the middle counts. */
import { Demo } from "./demo.js";
import { lighthouse } from "./lighthouse.js";

const LEAST = 98;
const PAGES = ["/c/riverside", "/c/riverside/tell", "/c/riverside/tell?lang=ar", "/c/riverside/mailbox", "/c/riverside/accountability"];

const demo = await Demo.start();
try {
  for (const page of PAGES) {
    const visits = [];
    for (let n = 0; n < 3; n++) visits.push(await lighthouse(demo.url + page, ["performance"]));
    const points = visits.map((v) => v.points.performance ?? 0);
    const middle = visits.sort((a, b) => (a.points.performance ?? 0) - (b.points.performance ?? 0))[1];
    const enough = (middle?.points.performance ?? 0) >= LEAST;
    console.log(`${page}: performance ${points.join(", ")} of 100; ${middle?.measures.join(", ") ?? ""}${enough ? "" : `, less than ${String(LEAST)}: ${middle?.lost.join("; ") ?? ""}`}`);
    if (!enough) process.exitCode = 1;
  }
} finally {
  await demo.stop();
}
