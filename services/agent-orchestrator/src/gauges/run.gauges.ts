import { readTotals, type DataRuntime, type GaugeSource } from '@atrium/service-kit';

/** Runs that have not ended, of all workspaces together. */
export const runGauges = ({ db }: Pick<DataRuntime, 'db'>): GaugeSource => ({
  gauges: {
    agent_runs_open: { help: 'Runs that have not ended, by state', labels: ['state'] },
    agent_runs_oldest_seconds: { help: 'Age of the oldest run in that state', labels: ['state'] },
  },
  async read() {
    const rows = await readTotals<{ state: string; count: number; age: number }>(
      db,
      `select state, count::int, extract(epoch from now() - oldest)::float8 as age from run_totals()`,
    );
    return ['queued', 'running'].flatMap((state) => {
      const row = rows.find((one) => one.state === state);
      return [
        { name: 'agent_runs_open', labels: { state }, value: row?.count ?? 0 },
        { name: 'agent_runs_oldest_seconds', labels: { state }, value: row?.age ?? 0 },
      ];
    });
  },
});
