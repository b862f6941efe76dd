import type { PasskeyChallenge, Session } from '../accounts.ts'
import { type Api, Refusal } from '../http.ts'
import { authenticationJson, creationOptions, registrationJson, requestOptions } from './passkeyJson.ts'

/** What a sign-in or step-up by passkey is sent with. */
export interface PasskeyProof {
  challenge: string
  credential: Record<string, unknown>
}

export function canUsePasskeys(): boolean {
  return typeof PublicKeyCredential !== 'undefined' && window.isSecureContext
}

/** Asks this machine for a passkey of this site, whosoever it is. */
export async function provePasskey(api: Api): Promise<PasskeyProof> {
  const { challenge, options } = await api.post<PasskeyChallenge<PublicKeyCredentialRequestOptionsJSON>>('/v1/sessions/passkey/options', {})
  const given = await asked(() => navigator.credentials.get({ publicKey: requestOptions(options) }))
  return { challenge, credential: authenticationJson(given) }
}

/** Makes a passkey on this machine (or a phone, or a key) and has the server keep it. */
export async function makePasskey(api: Api, name: string): Promise<Session> {
  const { challenge, options } = await api.post<PasskeyChallenge<PublicKeyCredentialCreationOptionsJSON>>('/v1/factors/passkeys/options', {})
  const made = await asked(() => navigator.credentials.create({ publicKey: creationOptions(options) }))
  return api.post<Session>('/v1/factors/passkeys', { challenge, credential: registrationJson(made), name })
}

/** The browser's own refusals, as ours: `passkey-cancelled`, `passkey-known`, `passkey-address`, `passkey-failed`. */
async function asked(work: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  try {
    const found = await work()
    if (found) return found as PublicKeyCredential
  } catch (error) {
    const names: Record<string, string> = {
      NotAllowedError: 'passkey-cancelled',
      AbortError: 'passkey-cancelled',
      InvalidStateError: 'passkey-known',
      SecurityError: 'passkey-address',
    }
    throw new Refusal(0, (error instanceof DOMException && names[error.name]) || 'passkey-failed')
  }
  throw new Refusal(0, 'passkey-cancelled')
}
