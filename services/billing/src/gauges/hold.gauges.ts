import { readTotals, type DataRuntime, type GaugeSource } from '@atrium/service-kit';

/** Open holds of all workspaces together. */
export const holdGauges = ({ db }: Pick<DataRuntime, 'db'>): GaugeSource => ({
  gauges: {
    billing_holds_open: { help: 'Holds that are neither captured, released nor expired' },
    billing_holds_open_micros: { help: 'Money in open holds, in micro-units of USD' },
    billing_holds_oldest_seconds: { help: 'Age of the oldest open hold' },
  },
  async read() {
    const [row] = await readTotals<{ count: number; amount: number; age: number }>(
      db,
      `select count::int, amount::float8, coalesce(extract(epoch from now() - oldest), 0)::float8 as age
       from hold_totals()`,
    );
    return [
      { name: 'billing_holds_open', value: row?.count ?? 0 },
      { name: 'billing_holds_open_micros', value: row?.amount ?? 0 },
      { name: 'billing_holds_oldest_seconds', value: row?.age ?? 0 },
    ];
  },
});
