/** WebAuthn's options and answers as JSON: what older browsers cannot convert themselves. */

import { fromBase64url, toBase64url } from '../base64.ts'

export function creationOptions(json: PublicKeyCredentialCreationOptionsJSON): PublicKeyCredentialCreationOptions {
  const { challenge, user, excludeCredentials, extensions: _, ...rest } = json
  return {
    ...(rest as Omit<PublicKeyCredentialCreationOptions, 'challenge' | 'user'>),
    challenge: fromBase64url(challenge),
    user: { ...user, id: fromBase64url(user.id) },
    excludeCredentials: (excludeCredentials ?? []).map(descriptor),
  }
}

export function requestOptions(json: PublicKeyCredentialRequestOptionsJSON): PublicKeyCredentialRequestOptions {
  const { challenge, allowCredentials, extensions: _, ...rest } = json
  return {
    ...(rest as Omit<PublicKeyCredentialRequestOptions, 'challenge'>),
    challenge: fromBase64url(challenge),
    allowCredentials: (allowCredentials ?? []).map(descriptor),
  }
}

function descriptor(json: PublicKeyCredentialDescriptorJSON): PublicKeyCredentialDescriptor {
  return { type: 'public-key', id: fromBase64url(json.id) }
}

/** The answer to `navigator.credentials.create`, with the fields that the server reads. */
export function registrationJson(made: PublicKeyCredential): Record<string, unknown> {
  const response = made.response as AuthenticatorAttestationResponse
  return answer(made, {
    clientDataJSON: toBase64url(response.clientDataJSON),
    attestationObject: toBase64url(response.attestationObject),
  })
}

/** The answer to `navigator.credentials.get`, with the fields that the server reads. */
export function authenticationJson(given: PublicKeyCredential): Record<string, unknown> {
  const response = given.response as AuthenticatorAssertionResponse
  return answer(given, {
    clientDataJSON: toBase64url(response.clientDataJSON),
    authenticatorData: toBase64url(response.authenticatorData),
    signature: toBase64url(response.signature),
    ...(response.userHandle ? { userHandle: toBase64url(response.userHandle) } : {}),
  })
}

function answer(credential: PublicKeyCredential, response: Record<string, string>): Record<string, unknown> {
  return { id: credential.id, rawId: toBase64url(credential.rawId), type: credential.type, response, clientExtensionResults: {} }
}
