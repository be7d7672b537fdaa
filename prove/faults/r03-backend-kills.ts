import { setTimeout as sleep } from 'node:timers/promises';
import { countFaults, type Proof } from '../harness/proof.ts';
import { underLoad } from './under.load.ts';

const EVERY_MS = 2_000;
/** Of all tries, in per cent; each is made again by the client. */
const MOST_ERRORS = 0.5;

/** Postgres ends every connection of the services, again and again, while they write. */
export const backendKills: Proof = {
  id: 'R3',
  title: 'backend kill storm',
  gate: `0 crashes, lost or doubled writes, more than ${MOST_ERRORS} % of tries without an answer`,
  async run(context) {
    const { platform, short } = context;
    const storms = short ? 3 : 150;
    let killed = 0;
    const seen = await underLoad(
      context,
      async () => {
        for (let storm = 0; storm < storms; storm += 1) {
          const rows = await platform.database.query(
            `select pg_terminate_backend(pid) from pg_stat_activity
             where datname = current_database() and usename like 'atrium\\_%'`,
          );
          killed += rows.length;
          await sleep(EVERY_MS);
        }
      },
      short ? {} : { pauseMs: 20 },
    );
    const share = (seen.unknown / Math.max(1, seen.tries)) * 100;
    const faults = [...seen.faults];
    // So few tries make one unlucky one count for more than it is; the long form is held to the rate.
    if (!short && share > MOST_ERRORS) faults.push(`${share.toFixed(2)} % of tries had no answer`);
    if (killed === 0) faults.push('no connection was ended');
    return countFaults(
      faults,
      `${storms} storms ended ${killed} connections; ${seen.writes} writes in ${seen.tries} tries, ${seen.unknown} (${share.toFixed(2)} %) without an answer and made again, slowest ${seen.slowestMs} ms`,
    );
  },
};
