/** The newest head of the server's record that this page has seen, kept over reloads and said when it comes back. */

const WRITE_EVERY_MS = 1000;

export class Witness {
  readonly #key: string;
  #last: string;
  #writtenAt = 0;

  constructor(who: string) {
    this.#key = `rescuecmd.witness.${who}`;
    this.#last = read(this.#key);
  }

  /** What the server gave last; it is sealed, and only the server reads it. */
  get last(): string {
    return this.#last;
  }

  keep(token: string): void {
    if (!token || token === this.#last) return;
    this.#last = token;
    const nowMs = performance.now();
    if (nowMs - this.#writtenAt < WRITE_EVERY_MS) return;
    this.#writtenAt = nowMs;
    try {
      localStorage.setItem(this.#key, token);
    } catch {
      // no storage: this page is a witness for as long as it lives
    }
  }
}

function read(key: string): string {
  try {
    return localStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}
