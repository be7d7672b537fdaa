import { createHash } from 'node:crypto';
import { eventually } from '@atrium/testing';
import type { Random } from '../../harness/random.ts';
import { canary, type Person } from '../../platform/people.ts';
import type { Reach } from '../../platform/platform.ts';
import type { Settle } from './settle.ts';

/** As long as a machine that is busy with other things needs for all of them. */
const READY_MS = 15 * 60_000;
const LEAST_WORDS = 200;
const MORE_WORDS = 4_000;

interface Upload {
  readonly id: string;
  readonly person: Person;
  readonly sha256: string;
}

const shaOf = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Uploads documents. They take no key, so what nobody answered is sent anew, and may be there twice. */
export const createUploads = (platform: Reach, people: readonly Person[], random: Random, settle: Settle) => {
  const acknowledged: Upload[] = [];
  const faults: string[] = [];
  const unready = async (): Promise<number> => {
    const [row] = await platform.database.query<{ left: number }>(
      `select count(*)::int as left from document.versions
       where document_id = any($1) and status not in ('ready', 'failed', 'cancelled')`,
      [acknowledged.map(({ id }) => id)],
    );
    return row?.left ?? -1;
  };

  return {
    async one(): Promise<void> {
      const person = random.pick(people);
      const name = canary();
      const words = LEAST_WORDS + random.int(MORE_WORDS);
      const text = `# ${name}\n\n${Array.from({ length: words }, () => `w${random.int(9_999)}`).join(' ')}\n`;
      const answer = await settle('upload', () => {
        const form = new FormData();
        form.set('file', new Blob([text]), `${name}.md`);
        return person.call('POST', '/documents', form);
      });
      if (!answer) faults.push('an upload: nobody said what became of it');
      else if (answer.status !== 202)
        faults.push(`an upload is refused: ${answer.status} ${answer.text.slice(0, 120)}`);
      else acknowledged.push({ id: String(answer.json['id']), person, sha256: shaOf(text) });
    },
    async ended(): Promise<number> {
      const began = Date.now();
      const over = await eventually(async () => (await unready()) === 0, READY_MS).catch(() => false);
      if (!over) faults.push(`${await unready()} documents are not ready ${READY_MS / 1_000} s later`);
      return Date.now() - began;
    },
    async judge(): Promise<string[]> {
      const rows = await platform.database.query<{ id: string; status: string; sha256: string; twice: number }>(
        `select document_id as id, status, sha256,
           (select count(*)::int from (select 1 from document.chunks c where c.version_id = v.id
            group by ordinal having count(*) > 1) x) as twice
         from document.versions v where document_id = any($1)`,
        [acknowledged.map(({ id }) => id)],
      );
      const found = new Map(rows.map((row) => [row.id, row]));
      for (const { id, person, sha256 } of acknowledged) {
        const row = found.get(id);
        if (!row) faults.push('an upload was acknowledged, and lost');
        else if (row.status !== 'ready') faults.push(`a document is ${row.status}`);
        else if (row.sha256 !== sha256) faults.push('a document has another hash than what was sent');
        else if (row.twice > 0) faults.push(`${row.twice} parts of a document are there twice`);
        else {
          const file = await person.call('GET', `/documents/${id}/content`);
          if (file.status !== 200 || shaOf(file.text) !== sha256)
            faults.push(`what is downloaded is not what was uploaded (${file.status})`);
        }
      }
      return faults;
    },
  };
};
