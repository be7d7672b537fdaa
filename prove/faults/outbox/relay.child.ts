import { createLogger, createOutboxStore, openDatabase, openRedis, startRelay } from '@atrium/service-kit';

/** A relay in a process of its own, to be killed: what a publishing service runs beside its routes. */
const [databaseUrl = '', redisUrl = '', prefix = ''] = process.argv.slice(2);
const log = createLogger({ service: 'relay', level: 'silent', file: undefined });
const db = await openDatabase({ url: databaseUrl, schema: 'teller', pool: 4, entities: [], log });
startRelay({
  service: 'auth',
  prefix,
  store: createOutboxStore(db, Math.random),
  redis: openRedis(redisUrl, { log, name: 'relay:commands' }),
  acks: openRedis(redisUrl, { log, name: 'relay:acks', patient: true }),
  log,
});
process.send?.('ready');
process.once('disconnect', () => process.exit(0));
