/** The page that shows a clinic's promises: a button to check, in this browser, the signatures of those who judged them. */
const box = document.querySelector<HTMLElement>('[data-module="promises"]');
const check = box?.querySelector("button");
const said = box?.querySelector<HTMLElement>("[data-part=said]");
if (box && check && said) {
  box.hidden = false;
  check.addEventListener("click", () => {
    if (check.getAttribute("aria-disabled") === "true") return;
    check.setAttribute("aria-disabled", "true");
    void (import(box.dataset["check"] ?? "") as Promise<typeof import("./promisecheck.js")>)
      .then(({ checkPromises }) => checkPromises(box, document))
      .catch(() => { said.textContent = box.dataset["failed"] ?? ""; })
      .finally(() => { check.removeAttribute("aria-disabled"); });
  });
}
