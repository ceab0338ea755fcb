/** This device's own key: made here, never leaves, signs every session, message and request of an enrolled terminal.

A page that came with a key in its link (a drill) has no device and signs nothing.
*/
import { key, terminalId, useKey } from "../api/address";
import { post, signRequests } from "../api/http";
import type { ChallengeAnswer, EnrolAnswer, SessionAnswer } from "../api/types";
import { DEVICES, get, put } from "../offline/store";
import { encode } from "./base64url";

const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const SIGNING = { name: "ECDSA", hash: "SHA-256" };
const RENEW_BEFORE_S = 120;

export interface Device {
  terminal_id: string;
  device_id: string;
  check: string;
  private_key: CryptoKey;
}

/** Keys need a secure page: https, or this machine itself. */
export const canEnrol = globalThis.isSecureContext && "subtle" in crypto;

let device: Device | undefined;
let loading: Promise<void> | undefined;
let renewing: Promise<void> | undefined;
let goodUntilMs = 0;
/** What this device's clock is ahead of the server's, s; the server's is the truth. */
export let skewS = 0;

/** Enrol this device with the secret of an invitation. */
export async function enrol(invitation: string, name: string): Promise<Device> {
  const pair = await crypto.subtle.generateKey(CURVE, false, ["sign", "verify"]);
  const point = await crypto.subtle.exportKey("raw", pair.publicKey);
  const answer = await post<EnrolAnswer>("/api/enrol", { secret: invitation, key: encode(point), name });
  const made: Device = {
    terminal_id: answer.terminal_id,
    device_id: answer.device_id,
    check: await checkNumber(point),
    private_key: pair.privateKey,
  };
  await put(DEVICES, made);
  return made;
}

/** Four digits of the key's own hash; the wall shows the same, or it is not this phone that was enrolled. */
async function checkNumber(point: ArrayBuffer): Promise<string> {
  const hash = new DataView(await crypto.subtle.digest("SHA-256", point));
  return String(hash.getUint32(0) % 10000).padStart(4, "0");
}

/** Open a session for a device, or throw the reason why the server does not. */
export async function openSession(with_: Device): Promise<void> {
  const { device_id } = with_;
  const { nonce } = await post<ChallengeAnswer>("/api/session/challenge", { device_id });
  const now = Date.now();
  const signature = await sign(with_, `rescuecmd/session/1\n${device_id}\n${nonce}\n${now}`);
  const proof = { device_id, nonce, device_time_ms: now, signature };
  const session = await post<SessionAnswer>("/api/session", proof);
  useKey(session.token, false);
  skewS = session.skew_s;
  const lifeS = session.expires_s - session.server_time_s - RENEW_BEFORE_S;
  goodUntilMs = performance.now() + lifeS * 1000;
}

/** See to it that an enrolled terminal has a session that is good for minutes; anybody else has what they came with. */
export async function freshSession(terminal: string): Promise<void> {
  if (!terminal || !canEnrol) return;
  if (!key || device) {
    loading ??= load(terminal);
    await loading;
  }
  if (!device || performance.now() < goodUntilMs) return;
  renewing ??= openSession(device).finally(() => (renewing = undefined));
  await renewing;
}

/** End the session here and begin anew with the next request (the server has refused it). */
export function dropSession(): void {
  goodUntilMs = 0;
}

async function load(terminal: string): Promise<void> {
  device = await get<Device>(DEVICES, terminal).catch(() => undefined);
}

/** Put a message into its envelope, signed with the number of this connection; without a device it goes as it is. */
export async function sealMessage(nonce: string, message: string): Promise<string> {
  if (!device) return message;
  const signature = await sign(device, `rescuecmd/message/1\n${nonce}\n${message}`);
  return JSON.stringify({ type: "signed", message, signature });
}

async function sign(with_: Device, text: string): Promise<string> {
  return encode(await crypto.subtle.sign(SIGNING, with_.private_key, new TextEncoder().encode(text)));
}

signRequests(async (method, path, body): Promise<Record<string, string>> => {
  if (!device || path.startsWith("/api/session")) return {};
  await freshSession(terminalId);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(body));
  const hash = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const signature = await sign(device, `rescuecmd/request/1\n${key}\n${method}\n${path}\n${hash}`);
  return { "X-Signature": signature };
});
