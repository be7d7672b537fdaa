import { z } from 'zod';
import type { Passkey } from './passkey.entity.ts';

const Base64Url = (most: number) =>
  z
    .string()
    .regex(/^[\w-]+$/, 'Send base64url without padding.')
    .max(most);
/** Authenticators may take 1023 bytes (WebAuthn Level 3 §4). */
const CredentialId = Base64Url(1364);
const Name = z.string().trim().min(1).max(100);

/** What browsers make of a credential with `toJSON()`; they may add to it what is not read here. */
const Credential = z.object({ id: CredentialId, rawId: CredentialId, type: z.literal('public-key') });
const Attestation = Credential.extend({
  response: z.object({
    clientDataJSON: Base64Url(4_096),
    attestationObject: Base64Url(32_768),
    transports: z
      .array(z.string().regex(/^[a-z-]{1,32}$/))
      .max(16)
      .default([]),
  }),
});
const Assertion = Credential.extend({
  response: z.object({
    clientDataJSON: Base64Url(4_096),
    authenticatorData: Base64Url(4_096),
    signature: Base64Url(4_096),
    /** Empty from authenticators that do not keep it. */
    userHandle: z.union([z.literal(''), Base64Url(88)]).nullish(),
  }),
});
export type Attestation = z.output<typeof Attestation>;
export type Assertion = z.output<typeof Assertion>;

const MfaToken = z.string().min(1).max(200);
export const NewPasskey = z.strictObject({ name: Name, response: Attestation });
export const PasskeyChange = z.strictObject({ name: Name });
export const PasskeyProof = z.strictObject({ response: Assertion });
export const SecondStep = z.strictObject({ mfaToken: MfaToken });
export const SecondStepProof = SecondStep.extend({ response: Assertion });

const Descriptor = z.object({ type: z.literal('public-key'), id: z.string(), transports: z.array(z.string()) });

/** For `PublicKeyCredential.parseCreationOptionsFromJSON()`. */
export const CreationOptions = z
  .object({
    rp: z.object({ id: z.string(), name: z.string() }),
    user: z.object({ id: z.string(), name: z.string(), displayName: z.string() }),
    challenge: z.string(),
    pubKeyCredParams: z.array(z.object({ type: z.literal('public-key'), alg: z.int() })),
    timeout: z.int(),
    excludeCredentials: z.array(Descriptor),
    authenticatorSelection: z.object({
      residentKey: z.literal('preferred'),
      requireResidentKey: z.literal(false),
      userVerification: z.literal('required'),
    }),
    attestation: z.literal('none'),
    extensions: z.object({ credProps: z.literal(true) }),
  })
  .meta({ id: 'PasskeyCreationOptions' });
export type CreationOptions = z.input<typeof CreationOptions>;

/** For `PublicKeyCredential.parseRequestOptionsFromJSON()`. */
export const RequestOptions = z
  .object({
    challenge: z.string(),
    timeout: z.int(),
    rpId: z.string(),
    allowCredentials: z.array(Descriptor),
    userVerification: z.literal('required'),
  })
  .meta({ id: 'PasskeyRequestOptions' });
export type RequestOptions = z.input<typeof RequestOptions>;

export const PasskeyView = z
  .object({
    id: z.uuid(),
    name: z.string(),
    /** The make of the authenticator, as the FIDO Alliance lists them; zeros when it does not say. */
    aaguid: z.string(),
    transports: z.array(z.string()),
    /** Whether it may be on several devices, and whether it is kept somewhere else too. */
    syncable: z.boolean(),
    backedUp: z.boolean(),
    createdAt: z.iso.datetime(),
    lastUsedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Passkey' });
export const PasskeyList = z.object({ data: z.array(PasskeyView) }).meta({ id: 'PasskeyList' });

export const viewPasskey = (passkey: Passkey): z.input<typeof PasskeyView> => ({
  id: passkey.id,
  name: passkey.name,
  aaguid: passkey.aaguid,
  transports: passkey.transports,
  syncable: passkey.syncable,
  backedUp: passkey.backedUp,
  createdAt: passkey.createdAt.toISOString(),
  lastUsedAt: passkey.lastUsedAt?.toISOString() ?? null,
});
