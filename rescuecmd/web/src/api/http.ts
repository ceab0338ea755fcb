/** Plain requests to the server. Every failure becomes a `ServerError` with the server's own code. */
import { key } from "./address";
import type { Failure } from "./types";

export class ServerError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly facts: Record<string, unknown> = {},
    readonly status = 0,
  ) {
    super(message);
  }

  /** True where the server has understood and said no: sending the same again changes nothing. */
  get settles(): boolean {
    const ours = this.status >= 400 && this.status < 500 && !this.code.startsWith("http-");
    return ours && this.status !== 401 && this.status !== 429 && this.code !== "key";
  }
}

/** A random id; `crypto.randomUUID` exists on secure origins only, a phone on a plain address has none. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

type Sign = (method: string, path: string, body: string) => Promise<Record<string, string>>;
let sign: Sign = async () => ({});

/** Let every request that writes be signed. */
export function signRequests(how: Sign): void {
  sign = how;
}

export async function get<T>(path: string): Promise<T> {
  return answer<T>(await reach(path, { headers: headers() }));
}

export async function post<T>(path: string, body: unknown = {}): Promise<T> {
  const text = JSON.stringify(body);
  const signed = await sign("POST", path, text);
  const sent = { ...headers(), ...signed, "Content-Type": "application/json" };
  return answer<T>(await reach(path, { method: "POST", headers: sent, body: text }));
}

export function headers(): Record<string, string> {
  return key ? { Authorization: `Bearer ${key}` } : {};
}

async function reach(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch (error) {
    throw new ServerError("unreachable", String(error));
  }
}

async function answer<T>(response: Response): Promise<T> {
  const body: unknown = await response.json().catch(() => null);
  if (response.ok) return body as T;
  const failure = (body as { error?: Failure } | null)?.error;
  throw new ServerError(
    failure?.code ?? `http-${response.status}`,
    failure?.message ?? response.statusText,
    failure?.facts,
    response.status,
  );
}
