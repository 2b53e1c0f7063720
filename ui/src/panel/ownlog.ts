/** This server's log, as the panel's page reads it: each reading has to continue the one before. */
import { LogError, type Checkpoint } from "../log.js";
import { ageOf, getLog, logInfo, readLog, type Age, type Read } from "./completeness.js";
import type { Leaves } from "./tending.js";

/** A reading, and how new it is. */
export type AgedLog = Read & { age: Age };

export class OwnLog {
  #checkpoint: Checkpoint | null = null;

  /** Null when the log does not hold or is not given. Throws ApiError. */
  async read(): Promise<AgedLog | null> {
    try {
      const info = await logInfo();
      const read = await readLog(getLog, info.vkey, this.#checkpoint);
      this.#checkpoint = read.checkpoint;
      return { ...read, age: ageOf(info, read.checkpoint, new Date()) };
    } catch (err) {
      if (err instanceof LogError || err instanceof TypeError) return null; // TypeError: no answer at all
      throw err;
    }
  }

  /** The log's leaves about keys: first those that were read already, then anew. */
  leaves(log?: Read | null): Leaves {
    let known = log;
    return async () => {
      const read = known === undefined ? await this.read() : known;
      known = undefined;
      return read?.ofKeys ?? null;
    };
  }
}
