import { expect, test } from 'vitest';
import { readRecords } from '../../../../cli/targets/cluster/helm-records.ts';
import { apiServerThat } from '../../kubernetes/forwarding-server.ts';

const record = (revision: number, creationTimestamp: string, modified?: string): object => ({
  metadata: {
    name: `sh.helm.release.v1.todo.v${revision}`, creationTimestamp,
    labels: { name: 'todo', owner: 'helm', status: 'deployed', version: String(revision), ...(modified === undefined ? {} : { modifiedAt: String(Date.parse(modified) / 1000) }) },
  },
});

test('a record is as old as its last change; one that took over the label of the revision before is not older than itself', async () => {
  const items = [record(1, '2026-11-21T20:55:24Z', '2026-11-21T20:55:25Z'), record(3, '2026-11-21T21:10:00Z'), record(2, '2026-11-21T20:59:35Z', '2026-11-21T20:55:25Z')];
  const kubernetes = await apiServerThat({ request: (_request, response) => void response.end(JSON.stringify({ items })) });
  const records = await readRecords(kubernetes, 'todo', 'todo');
  expect(records.map(({ revision, at }) => [revision, new Date(at).toISOString()])).toEqual([[3, '2026-11-21T21:10:00.000Z'], [2, '2026-11-21T20:59:35.000Z'], [1, '2026-11-21T20:55:25.000Z']]);
});
