/**
 * Sealed indexes on this device, for those who ask for one. It is all that the panel's page ever stores here. Nothing is made
 * before somebody asks: to look whether there is a database makes none.
 */
/* eslint-disable no-restricted-globals -- the one place of the panel's page that stores something, sealed, for who asked for it */
const NAME = "answerable-search";
const ROOM = "indexes";

/** An index and where it belongs: the clinic's short name and the epoch, both public. */
interface Row {
  clinic: string;
  epoch: string;
  file: Uint8Array;
}

/** The sealed indexes of a clinic, by epoch. */
export async function keptOf(clinic: string): Promise<Map<string, Uint8Array>> {
  return new Map((await all()).filter((r) => r.clinic === clinic).map((r) => [r.epoch, r.file]));
}

export async function keep(clinic: string, epoch: string, file: Uint8Array): Promise<void> {
  await inRoom("readwrite", true, (room) => room.put({ clinic, epoch, file } satisfies Row));
}

/** Deletes every index that `stays` does not want; with the last one the database goes, too. */
export async function prune(stays: (clinic: string, epoch: string) => boolean): Promise<void> {
  const rows = await all();
  const gone = rows.filter((r) => !stays(r.clinic, r.epoch));
  if (gone.length === rows.length) return forget();
  for (const r of gone) await inRoom("readwrite", false, (room) => room.delete([r.clinic, r.epoch]));
}

/** Deletes all of it. */
export async function forget(): Promise<void> {
  if (typeof indexedDB === "undefined") return;
  await finished(indexedDB.deleteDatabase(NAME)).catch(() => undefined); // a browser that keeps nothing has nothing to delete
}

/** A database that cannot be read holds nothing for us. */
const all = async (): Promise<Row[]> => (await inRoom("readonly", false, (room) => room.getAll() as IDBRequest<Row[]>).catch(() => [])) ?? [];

/** Does one thing in the database; undefined when there is none, and none may be made. */
async function inRoom<T>(mode: IDBTransactionMode, make: boolean, act: (room: IDBObjectStore) => IDBRequest<T>): Promise<T | undefined> {
  const database = await opened(make);
  if (database === null) return undefined;
  try {
    const step = database.transaction(ROOM, mode);
    const result = await finished(act(step.objectStore(ROOM)));
    if (mode === "readwrite") await new Promise<void>((done, failed) => { step.oncomplete = () => { done(); }; step.onabort = () => { failed(step.error ?? new Error("aborted")); }; });
    return result;
  } finally {
    database.close(); // one that stays open would hold up deleting it
  }
}

/** Opening a database makes it: where none may be made, that is called off in the middle. */
async function opened(make: boolean): Promise<IDBDatabase | null> {
  if (typeof indexedDB === "undefined") return null;
  const asking = indexedDB.open(NAME, 1);
  asking.onupgradeneeded = () => {
    if (make) asking.result.createObjectStore(ROOM, { keyPath: ["clinic", "epoch"] });
    else asking.transaction?.abort();
  };
  try {
    return await finished(asking);
  } catch (err) {
    if (make) throw err;
    return null;
  }
}

function finished<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((done, failed) => {
    request.onsuccess = () => { done(request.result); };
    request.onerror = (event) => { event.preventDefault(); failed(request.error ?? new Error("failed")); };
  });
}
