/** What the page's own address says: the key in the fragment, the terminal in the path, language and theme. */

const fragment = new URLSearchParams(location.hash.replace(/^#/, ""));
const query = new URLSearchParams(location.search);

/** The key of this page; kept for the tab so that a reload without the fragment still works. */
export let key: string = (() => {
  const given = fragment.get("key") ?? query.get("key") ?? "";
  try {
    if (given) sessionStorage.setItem("rescuecmd.key", given);
    return given || sessionStorage.getItem("rescuecmd.key") || "";
  } catch {
    return given; // storage may be forbidden: the key then lives in the address alone
  }
})();

/** Go on with a new session: of this tab and its reloads (`keep`), or, for a device, of this page's life alone. */
export function useKey(token: string, keep: boolean): void {
  key = token;
  try {
    if (keep) sessionStorage.setItem("rescuecmd.key", token);
  } catch {
    // storage may be forbidden: the session then lasts as long as the page
  }
}

/** A value of the address's fragment, which no server sees. */
export function secret(name: string): string {
  return fragment.get(name) ?? "";
}

/** The terminal named by `/terminal/{id}`, or an empty text on the other pages. */
export const terminalId: string = decodeURIComponent(
  /^\/terminal\/([^/]+)/.exec(location.pathname)?.[1] ?? "",
);

export function parameter(name: string): string {
  return query.get(name) ?? "";
}

/** An address of the server with the key, for what cannot carry a header (WebSocket, images, links). */
export function withKey(path: string, more: Record<string, string> = {}): string {
  const values = new URLSearchParams(more);
  if (key) values.set("key", key);
  return `${path}?${values.toString()}`;
}
