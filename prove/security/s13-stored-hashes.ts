import { countFaults, type Proof } from '../harness/proof.ts';
import { must } from '../platform/people.ts';
import { makeOldHash } from './passwords/old.hash.ts';

const PARAMETERS = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$/;

/** What is stored of passwords costs enough to guess, and what cost less is renewed. */
export const storedHashes: Proof = {
  id: 'S13',
  title: 'stored password hashes',
  gate: '0 below argon2id m=19456 KiB, t=2, p=1; old ones renewed on sign-in',
  async run({ platform, world }) {
    const person = await world.newcomer();
    await world.newcomer();
    const faults: string[] = [];
    const rows = await platform.database.query<{ hash: string | null }>(`select password_hash as hash from auth.users`);
    // People who came through Google have none, and `!` is what no password hashes to.
    const stored = rows.flatMap(({ hash }) => (hash === null || hash === '!' ? [] : hash));
    for (const hash of stored) {
      const [, m, t, p] = PARAMETERS.exec(hash) ?? [];
      const enough = Number(m) >= 19_456 && Number(t) >= 2 && Number(p) === 1;
      if (!enough) faults.push(`a hash begins with ${hash.slice(0, 32)}`);
    }
    if (stored.length === 0) faults.push('no hash was found, so none was checked');
    const hashOf = async (): Promise<string> => {
      const [row] = await platform.database.query<{ hash: string }>(
        `select password_hash as hash from auth.users where id = $1`,
        [person.id],
      );
      return row?.hash ?? '';
    };
    await platform.database.query(`update auth.users set password_hash = $2 where id = $1`, [
      person.id,
      await makeOldHash(person.password),
    ]);
    const { email, password } = person;
    const wrong = await person.call('POST', '/auth/login', { email, password: `${password}x` });
    if (wrong.status !== 401) faults.push(`a wrong password against an old hash is answered ${wrong.status}`);
    if (PARAMETERS.exec(await hashOf())?.[1] !== '4096') faults.push('an old hash was changed by a wrong password');
    must(await person.call('POST', '/auth/login', { email, password }), 'signing in with an old hash');
    if (PARAMETERS.exec(await hashOf())?.[1] !== '19456') faults.push('an old hash was not renewed by signing in');
    must(await person.call('POST', '/auth/login', { email, password }), 'signing in with the renewed hash');
    return countFaults(faults, `${stored.length} hashes`);
  },
};
