import { verifyAuthenticationResponse, verifyRegistrationResponse } from '@simplewebauthn/server';
import { decodeAttestationObject, decodeClientDataJSON } from '@simplewebauthn/server/helpers';
import type { Logger } from '@atrium/service-kit';
import { z } from 'zod';
import type { User } from '../users/user.entity.ts';
import { CHALLENGE_MS, type Purpose } from './passkey.challenges.ts';
import type { Passkey } from './passkey.entity.ts';
import { passkeyRefused, passkeysNotConfigured } from './passkey.errors.ts';
import type { Assertion, Attestation, CreationOptions, RequestOptions } from './passkey.schema.ts';
import type { PasskeySettings } from './passkey.settings.ts';

/** ES256, EdDSA and RS256, in the order they are wished for (IANA COSE Algorithms). */
const ALGORITHMS = [-7, -8, -257];

/** What an authenticator said of a new credential. */
export type NewCredential = Pick<
  Passkey,
  'credentialId' | 'publicKey' | 'counter' | 'transports' | 'syncable' | 'backedUp' | 'aaguid'
>;
/** What it said when it signed. */
export interface Signature {
  readonly counter: number;
  readonly backedUp: boolean;
}
type Known = Pick<Passkey, 'credentialId' | 'transports'>;

const ClientData = z.object({ challenge: z.string().max(200), crossOrigin: z.boolean().optional() });

/** The bytes of a user's id, which say nothing of who they are; authenticators keep them and show them again. */
export const userHandleOf = (userId: string): string =>
  Buffer.from(userId.replaceAll('-', ''), 'hex').toString('base64url');

const describe = (known: readonly Known[]): RequestOptions['allowCredentials'] =>
  known.map(({ credentialId, transports }) => ({ type: 'public-key', id: credentialId, transports }));

/**
 * What is asked of authenticators and how their answers are checked (WebAuthn Level 3 §7). No answer reaches the
 * network: attestations by certificates, for which revocation lists would be fetched from where they say, are refused.
 */
export const createPasskeyCeremony = (settings: PasskeySettings | undefined, log: Logger) => {
  const configured = (): PasskeySettings => {
    if (!settings) throw passkeysNotConfigured();
    return settings;
  };
  /** Whatever is wrong with an answer, it is told to the log and not to who sent it. */
  const checked = async <Result>(purpose: Purpose, check: () => Promise<Result> | Result): Promise<Result> => {
    try {
      return await check();
    } catch (error) {
      log.info({ purpose, reason: error instanceof Error ? error.message : 'unknown' }, 'a passkey was refused');
      throw passkeyRefused(purpose);
    }
  };
  const expected = (expectedChallenge: string) => {
    const { rpId, origins } = configured();
    return { expectedChallenge, expectedRPID: rpId, expectedOrigin: [...origins], requireUserVerification: true };
  };

  return {
    creationOptions(user: User, challenge: string, known: readonly Known[]): CreationOptions {
      return {
        rp: { id: configured().rpId, name: 'Atrium' },
        user: { id: userHandleOf(user.id), name: user.email, displayName: user.name },
        challenge,
        pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
        timeout: CHALLENGE_MS,
        excludeCredentials: describe(known),
        authenticatorSelection: { residentKey: 'preferred', requireResidentKey: false, userVerification: 'required' },
        attestation: 'none',
        extensions: { credProps: true },
      };
    },

    requestOptions(challenge: string, known: readonly Known[] = []): RequestOptions {
      const { rpId } = configured();
      const allowCredentials = describe(known);
      return { challenge, timeout: CHALLENGE_MS, rpId, allowCredentials, userVerification: 'required' };
    },

    /** @throws DomainError 503 `passkey.not_configured` */
    requireConfigured: (): void => void configured(),

    /** Which challenge is answered; that it was signed is checked later. @throws DomainError `passkey.refused` */
    challengeOf: (purpose: Purpose, answer: Assertion | Attestation): Promise<string> =>
      checked(purpose, () => {
        const { challenge, crossOrigin } = ClientData.parse(decodeClientDataJSON(answer.response.clientDataJSON));
        if (crossOrigin) throw new Error('The page was inside one of another origin.');
        return challenge;
      }),

    /** @throws DomainError 400 `passkey.refused` */
    verifyNew: ({ id, rawId, type, response }: Attestation, challenge: string): Promise<NewCredential> =>
      checked('register', async () => {
        const { clientDataJSON, attestationObject, transports } = response;
        const attestation = decodeAttestationObject(new Uint8Array(Buffer.from(attestationObject, 'base64url')));
        const self = attestation.get('fmt') === 'packed' && !attestation.get('attStmt').get('x5c');
        if (attestation.get('fmt') !== 'none' && !self) throw new Error('An attestation came that was not asked for.');
        const { registrationInfo } = await verifyRegistrationResponse({
          ...expected(challenge),
          supportedAlgorithmIDs: ALGORITHMS,
          response: { id, rawId, type, response: { clientDataJSON, attestationObject }, clientExtensionResults: {} },
        });
        if (!registrationInfo) throw new Error('The attestation is not signed by the key it brings.');
        const { credential, aaguid, credentialDeviceType, credentialBackedUp } = registrationInfo;
        if (credential.id !== id) throw new Error('The credential has two names.');
        return {
          credentialId: id,
          publicKey: Buffer.from(credential.publicKey),
          counter: String(credential.counter),
          transports: [...new Set(transports)],
          syncable: credentialDeviceType === 'multiDevice',
          backedUp: credentialBackedUp,
          aaguid,
        };
      }),

    /** The counter is not judged here: only what is signed may cast a doubt on a passkey. @throws DomainError 401 */
    verifySignature: (
      purpose: Purpose,
      { id, rawId, type, response }: Assertion,
      challenge: string,
      passkey: Passkey,
    ): Promise<Signature> =>
      checked(purpose, async () => {
        const { clientDataJSON, authenticatorData, signature } = response;
        const { verified, authenticationInfo } = await verifyAuthenticationResponse({
          ...expected(challenge),
          credential: { id: passkey.credentialId, publicKey: new Uint8Array(passkey.publicKey), counter: 0 },
          response: {
            ...{ id, rawId, type, clientExtensionResults: {} },
            response: { clientDataJSON, authenticatorData, signature },
          },
        });
        if (!verified) throw new Error('The signature is not that of the passkey.');
        const { newCounter: counter, credentialDeviceType, credentialBackedUp: backedUp } = authenticationInfo;
        if ((credentialDeviceType === 'multiDevice') !== passkey.syncable)
          throw new Error('The passkey says something else of its backups than when it was made.');
        return { counter, backedUp };
      }),
  };
};
export type PasskeyCeremony = ReturnType<typeof createPasskeyCeremony>;
