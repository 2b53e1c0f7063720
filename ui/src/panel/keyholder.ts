/** The page's end of the worker that holds the keys. */
import type { Answers, Call, Failure, Reply } from "./messages.js";

/** The worker could not do it. */
export class KeyholderError extends Error {
  override name = "KeyholderError";
  constructor(readonly failure: Failure) {
    super(`key holder: ${failure}`);
  }
}

interface Waiting {
  resolve: (value: unknown) => void;
  reject: (err: Error) => void;
}

export class Keyholder {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #next = 0;
  #ended = false;

  /** Starts the worker at a path of this site. */
  constructor(path: string) {
    this.#worker = new Worker(trusted(path) as string);
    this.#worker.addEventListener("message", (event: MessageEvent<{ id: number; reply: Reply }>) => {
      this.#settle(event.data.id, event.data.reply);
    });
    this.#worker.addEventListener("error", () => { this.#fail(); });
  }

  /** Asks the worker for something. What is in `handedOver`, such as a port in the call, belongs to the worker afterwards. */
  ask<K extends Call["do"]>(call: Extract<Call, { do: K }>, handedOver: Transferable[] = []): Promise<Answers[K]> {
    if (this.#ended) return Promise.reject(new KeyholderError("failed"));
    const id = this.#next++;
    this.#worker.postMessage({ id, call }, handedOver);
    return new Promise<unknown>((resolve, reject) => this.#waiting.set(id, { resolve, reject })) as Promise<Answers[K]>;
  }

  /** Ends the worker and with it every key and every copy it held. */
  end(): void {
    this.#ended = true;
    this.#worker.terminate();
    this.#fail();
  }

  #settle(id: number, reply: Reply): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (reply.ok) waiting?.resolve(reply.value);
    else waiting?.reject(new KeyholderError(reply.failure));
  }

  #fail(): void {
    for (const w of this.#waiting.values()) w.reject(new KeyholderError("failed"));
    this.#waiting.clear();
  }
}

interface TrustedTypes {
  createPolicy: (name: string, rules: { createScriptURL: (s: string) => string }) => { createScriptURL: (s: string) => unknown };
}

/** Browsers with trusted types want to know which code may run as a worker: this one file of ours. */
function trusted(path: string): unknown {
  if (path.split("?")[0] !== "/static/panel-worker.js") throw new KeyholderError("failed");
  const types = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
  if (types === undefined) return path;
  policy ??= types.createPolicy("answerable", { createScriptURL: (s) => s });
  return policy.createScriptURL(path);
}

let policy: { createScriptURL: (s: string) => unknown } | undefined;
