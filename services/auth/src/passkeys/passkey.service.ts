import { PasskeyCopied } from '@atrium/contracts';
import { conflict, noteAudit, notFound, type Outbox, type Client } from '@atrium/service-kit';
import type { NewCredential, Signature } from './passkey.ceremony.ts';
import { wentBack } from './passkey.counter.ts';
import type { Passkey } from './passkey.entity.ts';
import type { PasskeyStore } from './passkey.store.ts';

/** Passkeys one person may have. */
const MOST = 20;

/** What became of a use. A refusal is told, not thrown, since what it tells others is to be kept. */
export type Used = 'used' | 'gone' | 'copied';

/** The rules of passkeys, inside one transaction. */
export const createPasskeyService = (parts: {
  passkeys: PasskeyStore;
  outbox: Outbox;
  now: () => Date;
  newId: () => string;
}) => {
  const { passkeys, outbox, now, newId } = parts;
  const own = async (userId: string, id: string): Promise<Passkey> =>
    (await passkeys.find(userId, id)) ?? notFound('passkey', id);

  return {
    list: passkeys.list,
    findByCredential: passkeys.findByCredential,

    /** @throws DomainError 409 `passkey.too_many`, or `passkey.exists`, whoever has it */
    async add(userId: string, name: string, credential: NewCredential): Promise<Passkey> {
      await passkeys.lockOwner(userId);
      if ((await passkeys.list(userId)).length >= MOST)
        throw conflict('passkey.too_many', `You have ${MOST} passkeys. Remove one first.`);
      const passkey: Passkey = { ...credential, id: newId(), userId, name, createdAt: now(), lastUsedAt: null };
      if (!(await passkeys.add(passkey))) throw conflict('passkey.exists', 'This passkey is registered already.');
      noteAudit({ target: passkey.id });
      return passkey;
    },

    /** @throws DomainError 404 */
    async rename(userId: string, id: string, name: string): Promise<Passkey> {
      const passkey = await own(userId, id);
      noteAudit({ target: id });
      await passkeys.update(id, { name });
      return { ...passkey, name };
    },

    /** @throws DomainError 404, 409 `passkey.last_way_in` */
    async remove(userId: string, id: string): Promise<void> {
      await passkeys.lockOwner(userId);
      await own(userId, id);
      noteAudit({ target: id });
      const last = (await passkeys.list(userId)).length === 1 && !(await passkeys.hasAnotherWayIn(userId));
      if (last) throw conflict('passkey.last_way_in', 'There is no other way into this account. Set a password first.');
      await passkeys.remove(userId, id);
    },

    /** Counts a signature that was checked. */
    async use(id: string, { counter, backedUp }: Signature, client: Client): Promise<Used> {
      const passkey = await passkeys.lock(id);
      if (!passkey) return 'gone';
      const { userId, name } = passkey;
      if (wentBack(Number(passkey.counter), counter)) {
        const detectedAt = now().toISOString();
        await outbox.add(PasskeyCopied, userId, { userId, passkeyId: id, name, detectedAt, ...client });
        return 'copied';
      }
      await passkeys.update(id, { counter: String(counter), backedUp, lastUsedAt: now() });
      return 'used';
    },
  };
};
export type PasskeyService = ReturnType<typeof createPasskeyService>;
