import { outsideWorkspaces, startLoop, transactional, type DataRuntime, type Logger } from '@atrium/service-kit';
import type { AuthConfig } from '../config.ts';
import { createKeyRing } from '../tokens/key.ring.ts';
import { createKeyService } from './key.service.ts';
import { keyVaultOf, newSigningKey } from './key.source.ts';
import { createKeyStore } from './key.store.ts';

/** Within this time every auth has a new signing key. */
const REREAD_MS = 2_000;

/** The ring of signing keys, kept as the table has it. */
export const startSigningKeys = async (parts: {
  runtime: DataRuntime;
  config: Pick<AuthConfig, 'JWT_PRIVATE_KEY' | 'DATA_KEYS'>;
  log: Logger;
  now: () => Date;
}) => {
  const { runtime, config, log, now } = parts;
  const stored = transactional(runtime, ({ manager }) =>
    createKeyService({ keys: createKeyStore(manager, keyVaultOf(config)), now, generate: newSigningKey }),
  );
  const read = () => stored.read(outsideWorkspaces(), (keys) => keys.list());
  await stored.run(outsideWorkspaces(), (keys) => keys.seed(config.JWT_PRIVATE_KEY));
  const ring = createKeyRing(await read(), now);
  const rereading = startLoop({
    name: 'signing keys',
    intervalMs: REREAD_MS,
    log,
    step: async () => (ring.replace(await read()), false),
  });
  return { ring, stop: () => rereading.stop() };
};
