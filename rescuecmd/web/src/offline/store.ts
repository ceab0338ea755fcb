/** What this device keeps through a reload, a kill and a flat battery: IndexedDB, written through to the disk. */

const NAME = "rescuecmd";
const VERSION = 2;
/** Commands that the server has not confirmed, in the order they were given. */
export const UNSENT = "unsent";
/** The last picture of each terminal. */
export const PICTURES = "pictures";
/** The key of this device for each terminal it holds; the private half cannot be read, only used. */
export const DEVICES = "devices";

let opening: Promise<IDBDatabase> | undefined;

function open(): Promise<IDBDatabase> {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = (event) => {
      if (event.oldVersion < 1) {
        const unsent = request.result.createObjectStore(UNSENT, { keyPath: "op_id" });
        unsent.createIndex("owner", "owner");
        request.result.createObjectStore(PICTURES);
      }
      if (event.oldVersion < 2) request.result.createObjectStore(DEVICES, { keyPath: "terminal_id" });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("no storage"));
    request.onblocked = () => reject(new Error("the storage is held by an older page"));
  });
  return opening;
}

/** Write; resolves when it is on the disk. */
export async function put(store: string, value: unknown, key?: IDBValidKey): Promise<void> {
  await change(store, (target) => target.put(value, key));
}

export async function remove(store: string, key: IDBValidKey): Promise<void> {
  await change(store, (target) => target.delete(key));
}

async function change(store: string, make: (target: IDBObjectStore) => void): Promise<void> {
  const database = await open();
  return new Promise((resolve, reject) => {
    const work = database.transaction(store, "readwrite", { durability: "strict" });
    work.oncomplete = () => resolve();
    work.onerror = work.onabort = () => reject(work.error ?? new Error("not kept"));
    make(work.objectStore(store));
  });
}

/** The value of a key, or undefined where there is none. */
export async function get<T>(store: string, key: IDBValidKey): Promise<T | undefined> {
  return answer<T | undefined>((await open()).transaction(store).objectStore(store).get(key));
}

/** All values whose index has this key. */
export async function all<T>(store: string, index: string, key: IDBValidKey): Promise<T[]> {
  return answer<T[]>((await open()).transaction(store).objectStore(store).index(index).getAll(key));
}

function answer<T>(request: IDBRequest): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result as T);
    request.onerror = () => reject(request.error ?? new Error("not read"));
  });
}

/** Ask the browser not to clear our storage when the disk runs low; false where it may. */
export async function persist(): Promise<boolean> {
  try {
    return (await navigator.storage.persisted()) || (await navigator.storage.persist());
  } catch {
    return false;
  }
}
