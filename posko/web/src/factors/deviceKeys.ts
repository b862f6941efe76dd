import type { DeviceChallenge, EnrolledDevice, Session } from '../accounts.ts'
import { toBase64url } from '../base64.ts'
import { type Api, Refusal } from '../http.ts'
import { forgetDevice, keepDevice, type KeptDevice } from './deviceStore.ts'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' } as const

export interface DeviceProof {
  challenge: string
  signature: string
  pin: string
}

export function canKeepKeys(): boolean {
  return window.isSecureContext && typeof indexedDB !== 'undefined'
}

/** Enrols this browser: its key is made here, cannot be read out again, and is kept before the one-time code is spent. */
export async function enrol(api: Api, given: { code: string; pin: string; name: string }): Promise<EnrolledDevice> {
  const { code, pin, name } = given
  const pair = await crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify'])
  const made = { name, key: pair.privateKey }
  await kept(() => keepDevice({ ...made, id: null, owner: '' }, 'candidate'))
  const public_key = toBase64url(await crypto.subtle.exportKey('spki', pair.publicKey))
  const signature = await signed(pair.privateKey, `posko enrol ${code}`)
  const enrolled = await api.post<EnrolledDevice>('/v1/devices', { code, public_key, signature, pin, name, cookie: true })
  await keepDevice({ ...made, id: enrolled.device, owner: enrolled.session.account.full_name })
  await forgetDevice('candidate')
  return enrolled
}

/** What a sign-in or step-up by this device is sent with. */
export async function proveDevice(api: Api, device: KeptDevice, pin: string): Promise<DeviceProof> {
  const { challenge } = await api.post<DeviceChallenge>(`/v1/devices/${device.id}/challenges`, {})
  return { challenge, signature: await signed(device.key, `posko sign-in ${challenge}`), pin }
}

export async function signInByDevice(api: Api, device: KeptDevice, pin: string): Promise<Session> {
  const proof = await proveDevice(api, device, pin)
  return api.post<Session>('/v1/sessions/device', { device: device.id, ...proof, cookie: true }, { isProof: true })
}

async function signed(key: CryptoKey, text: string): Promise<string> {
  return toBase64url(await crypto.subtle.sign(SIGNING, key, new TextEncoder().encode(text)))
}

/** A browser that keeps nothing (a private window, a full disk) cannot be a device: said before the code is spent. */
async function kept(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch {
    throw new Refusal(0, 'device-not-kept')
  }
}
