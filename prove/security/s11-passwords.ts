import { readFileSync } from 'node:fs';
import path from 'node:path';
import { countFaults, type Proof } from '../harness/proof.ts';
import { send } from '../platform/http.ts';
import { canary, patiently } from '../platform/people.ts';

const LIST = path.resolve(import.meta.dirname, '../../services/auth/src/passwords/common.passwords.txt');
/** NIST SP 800-63B 3.1.1.2 and ASVS 6.2: length counts, kinds of characters do not. */
const TAKEN: readonly [string, string][] = [
  ['8 characters', 'kq7zvwxj'],
  ['only lower case', 'mjuolqpzvbnweyt'],
  ['only digits, at random', '83016427591640'],
  ['spaces around and inside', '  two  spaces and a half  '],
  ['64 characters', 'pq'.concat('zvkj wxmu '.repeat(7)).slice(0, 64)],
  ['128 characters', 'Lorem quod '.repeat(12).slice(0, 128)],
  ['letters of many scripts', 'пароль密码كلمةסיסמה'],
  ['emoji', '🐙🦑🪼🐚🦀🐡🐬🐋'],
  ['quotes and brackets', `'";<>&%$\\{}[]()\`|~^`],
  ['a composed letter', 'vidé-ordinaire-aüßen'],
];
const SIMPLE = ['password', '12345678', 'qwertyuiop', 'iloveyou1', 'password123', 'football1'];

/** Passwords are taken as they are, whole, and refused only when somebody would guess them. */
export const passwords: Proof = {
  id: 'S11',
  title: 'passwords',
  gate: '0 altered, truncated, wrongly taken or wrongly refused',
  async run({ platform, random, short }) {
    const faults: string[] = [];
    const post = (to: string, body: object) =>
      patiently(() => send(`${platform.gateway}/api/v1/auth/${to}`, { method: 'POST', body }));
    const register = (password: string, email = `${canary()}@example.com`) => post('register', { email, password });
    const login = async (email: string, password: string): Promise<number> =>
      (await post('login', { email, password })).status;
    for (const [name, password] of TAKEN) {
      const email = `${canary()}@example.com`;
      const made = await register(password, email);
      if (made.status !== 201) {
        faults.push(`${name} is refused: ${made.status} ${made.text.slice(0, 120)}`);
        continue;
      }
      if ((await login(email, password)) !== 200) faults.push(`${name}: the password that was set does not sign in`);
      const others = [
        password.slice(0, -1),
        `${password} `,
        password.trim() === password ? password.toUpperCase() : password.trim(),
        password.slice(0, 72),
      ];
      for (const other of others.filter((one) => one !== password && one !== ''))
        if ((await login(email, other)) === 200) faults.push(`${name}: "${other.slice(0, 20)}…" signs in as well`);
    }
    const composed = `${canary()}@example.com`;
    await register('vidé-ordinaire'.normalize('NFC'), composed);
    if ((await login(composed, 'vidé-ordinaire'.normalize('NFD'))) !== 200)
      faults.push('another keyboard spells it otherwise');
    for (const [name, password] of [
      ['7 characters', 'kq7zvwx'],
      ['none', ''],
      ['129 characters', 'Lorem quod '.repeat(13).slice(0, 129)],
    ] as const)
      if ((await register(password)).status !== 422) faults.push(`a password of ${name} is taken`);
    const common = readFileSync(LIST, 'utf8')
      .split('\n')
      .filter((line) => line.length >= 8);
    const leaked = [...SIMPLE, ...random.shuffle(common.slice(0, 3_000)).slice(0, short ? 30 : 3_000)];
    for (const password of leaked) {
      const { status } = await register(password);
      if (status !== 422) faults.push(`"${password}" is taken (${status})`);
    }
    return countFaults(faults, `${TAKEN.length} taken, ${leaked.length} of the common ones refused`);
  },
};
