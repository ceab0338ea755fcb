/** Passkeys: what the server asks in JSON becomes what the browser wants in bytes, and back. */
import { decode, encode } from "./base64url";

/** A browser has passkeys on secure pages with a host name; an address such as 192.168.1.5 has none. */
export const canPasskey =
  globalThis.isSecureContext && "PublicKeyCredential" in globalThis && !/^[\d.]+$|:/.test(location.hostname);

interface Described {
  id: string;
  type: "public-key";
}

type Options = Record<string, unknown> & { challenge: string };

/** Make a passkey for the person whom `options` describes. */
export async function makePasskey(options: Options): Promise<Record<string, unknown>> {
  const user = options["user"] as { id: string };
  const publicKey = {
    ...options,
    challenge: decode(options.challenge),
    user: { ...user, id: decode(user.id) },
    excludeCredentials: listed(options["excludeCredentials"]),
  } as unknown as PublicKeyCredentialCreationOptions;
  const made = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
  const response = made.response as AuthenticatorAttestationResponse;
  return {
    ...plain(made),
    response: {
      clientDataJSON: encode(response.clientDataJSON),
      attestationObject: encode(response.attestationObject),
    },
  };
}

/** Prove to hold a passkey of this site. */
export async function usePasskey(options: Options): Promise<Record<string, unknown>> {
  const publicKey = {
    ...options,
    challenge: decode(options.challenge),
    allowCredentials: listed(options["allowCredentials"]),
  } as unknown as PublicKeyCredentialRequestOptions;
  const proof = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
  const response = proof.response as AuthenticatorAssertionResponse;
  return {
    ...plain(proof),
    response: {
      clientDataJSON: encode(response.clientDataJSON),
      authenticatorData: encode(response.authenticatorData),
      signature: encode(response.signature),
      userHandle: response.userHandle ? encode(response.userHandle) : null,
    },
  };
}

function plain(credential: PublicKeyCredential): Record<string, unknown> {
  return {
    id: credential.id,
    rawId: encode(credential.rawId),
    type: credential.type,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

function listed(items: unknown): { id: Uint8Array; type: "public-key" }[] {
  return ((items as Described[] | undefined) ?? []).map(({ id, type }) => ({ id: decode(id), type }));
}
