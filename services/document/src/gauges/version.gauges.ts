import { readTotals, type DataRuntime, type GaugeSource } from '@atrium/service-kit';

const STATUSES = ['queued', 'extracting', 'chunking', 'embedding', 'failed', 'cancelled'];

/** Versions that are not ready, of all workspaces together; those that are would be counted for nothing. */
export const versionGauges = ({ db }: Pick<DataRuntime, 'db'>): GaugeSource => ({
  gauges: {
    document_versions_unready: { help: 'Document versions that are not searchable, by status', labels: ['status'] },
  },
  async read() {
    const rows = await readTotals<{ status: string; count: number }>(
      db,
      'select status, count::int from version_totals()',
    );
    return STATUSES.map((status) => ({
      name: 'document_versions_unready',
      labels: { status },
      value: rows.find((row) => row.status === status)?.count ?? 0,
    }));
  },
});
