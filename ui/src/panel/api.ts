/** The server, as the panel's page sees it. */

/** The server refused or could not be reached. The message is a sentence for a person. */
export class ApiError extends Error {
  override name = "ApiError";
  /** `status` is 0 when there was no answer at all. */
  constructor(
    readonly status: number,
    sentence: string,
  ) {
    super(sentence);
  }
}

export interface Clinic {
  slug: string;
  name: string;
}

export interface Epoch {
  id: string;
  state: string;
  record: string;
  wrap: string | null;
  files: number;
}

export interface Epochs {
  origin: string;
  epochs: Epoch[];
}

export interface FilesPage {
  files: { leaf: string; file: string; day: string }[];
  next: string | null;
}

/** A nonce to sign, and the server's clock in Unix seconds: phones' clocks are often minutes off. */
export async function nonce(): Promise<{ nonce: string; now: number }> {
  const response = await ask("/nonce", {});
  const { nonce } = (await response.json()) as { nonce: string };
  const clock = Date.parse(response.headers.get("Date") ?? "");
  return { nonce, now: (Number.isNaN(clock) ? Date.now() : clock) / 1000 };
}

/** Who signed in, and where they may work. */
export interface Me {
  reviewer: string;
  steward: boolean;
  clinics: Clinic[];
}

/** `device` is the name a person gave the place they sign in from. */
export async function signIn(text: string, signature: string, device: string): Promise<Me> {
  return (await (await ask("/sign-in", { text, signature, device })).json()) as Me;
}

export async function signOut(): Promise<void> {
  await ask("/sign-out", {});
}

export async function epochs(clinic: string): Promise<Epochs> {
  return (await (await ask(`/c/${encodeURIComponent(clinic)}/epochs`)).json()) as Epochs;
}

export async function files(clinic: string, epoch: string, after: string): Promise<FilesPage> {
  const path = `/c/${encodeURIComponent(clinic)}/epochs/${encodeURIComponent(epoch)}/files?after=${after}`;
  return (await (await ask(path)).json()) as FilesPage;
}

/** GET; POST when there is a body, null for one without. Throws ApiError. */
export async function ask(path: string, body?: object | null, base = "/api/v1/panel"): Promise<Response> {
  const post: RequestInit = body === null ? { method: "POST" } : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const options: RequestInit = { cache: "no-store", credentials: "same-origin", ...(body === undefined ? {} : post) };
  const response = await fetch(base + path, options).catch(() => {
    throw new ApiError(0, "The server does not answer. What you have open stays open. Check the connection and try again.");
  });
  if (response.ok) return response;
  throw new ApiError(response.status, await sentenceOf(response));
}

async function sentenceOf(response: Response): Promise<string> {
  try {
    const { detail } = (await response.json()) as { detail?: unknown };
    if (typeof detail === "string" && detail !== "") return detail;
  } catch {
    // not a problem document: something between here and the server answered
  }
  return "The server answered in a way this page does not know. Try again in a few minutes.";
}
