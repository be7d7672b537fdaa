import type { Suite } from '../harness/proof.ts';
import { ambiguousCommit } from './r04-ambiguous-commit.ts';
import { killEverything } from './r01-kill-everything.ts';
import { postgresCrash } from './r02-postgres-crash.ts';
import { stalledWorker } from './r07-stalled-worker.ts';
import { serversKilled } from './r05-servers-killed.ts';
import { rollingRestart } from './r10-rolling-restart.ts';
import { redisAmnesia, redisOutage } from './r06-redis.ts';
import { overload } from './r14-overload.ts';
import { retryStorm } from './r15-retry-storm.ts';
import { breaker } from './r16-breaker.ts';
import { limiter } from './r17-limiter.ts';
import { outboxOrder } from './r08-outbox-order.ts';
import { longTransaction } from './r09-long-transaction.ts';
import { bank } from './r21-bank.ts';
import { backendKills } from './r03-backend-kills.ts';
import { idempotency } from './r22-idempotency.ts';
import { webhooks } from './r23-webhooks.ts';

/** What becomes of the work while its parts fail. */
export const faults: Suite = {
  name: 'faults',
  summary: 'lost replies, crashes and repeats',
  proofs: [
    backendKills,
    ambiguousCommit,
    redisOutage,
    redisAmnesia,
    outboxOrder,
    longTransaction,
    overload,
    retryStorm,
    breaker,
    limiter,
    bank,
    idempotency,
    webhooks,
    killEverything,
    postgresCrash,
    serversKilled(process.env['MINIO_PROGRAM']),
    stalledWorker,
    rollingRestart,
  ],
};
