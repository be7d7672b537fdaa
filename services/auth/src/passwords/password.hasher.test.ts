import { beforeAll, describe, expect, it } from '@jest/globals';
import { createPasswordHasher, type PasswordHasher } from './password.hasher.ts';
import { createWorkQueue } from './work.queue.ts';

let passwords: PasswordHasher;
beforeAll(async () => {
  passwords = await createPasswordHasher(createWorkQueue({ running: 1, waiting: 8 }));
});

describe('createPasswordHasher', () => {
  it('uses argon2id with the chosen cost and a new salt each time', async () => {
    const [first, second] = [await passwords.hash('correct horse'), await passwords.hash('correct horse')];
    expect(first).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(first).not.toBe(second);
  });

  it('knows right from wrong, in any Unicode form', async () => {
    const encoded = await passwords.hash('señal élan vital');
    expect(await passwords.verify(encoded, 'señal élan vital'.normalize('NFD'))).toBe(true);
    expect(await passwords.verify(encoded, 'senal elan vital')).toBe(false);
  });

  it('knows hashes of another cost', async () => {
    expect(passwords.isOutdated(await passwords.hash('correct horse'))).toBe(false);
    expect(passwords.isOutdated('$argon2id$v=19$m=4096,t=3,p=1$c2FsdHNhbHQ$aGFzaA')).toBe(true);
    expect(passwords.isOutdated('$argon2i$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA')).toBe(true);
  });

  it('never accepts anything for a user who is not there', async () => {
    expect(await passwords.verify(undefined, '')).toBe(false);
    expect(await passwords.verify(undefined, 'anything')).toBe(false);
  });
});
