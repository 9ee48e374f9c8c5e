import { expect, test } from 'vitest';
import { readAllRecords, readRecords } from '../../../../cli/targets/cluster/helm-records.ts';
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

test('all releases of a cluster by one question, page by page, each with its revisions, newest first', async () => {
  const of = (namespace: string, name: string, revision: number): object => ({ metadata: { name: `v${revision}`, namespace, labels: { name, owner: 'helm', status: 'superseded', version: String(revision) } } });
  const pages = [[of('a', 'dapr', 1), of('b', 'dapr', 7)], [of('a', 'dapr', 3), of('a', 'strimzi', 1), of('a', 'dapr', 2)]];
  const asked: string[] = [];
  const kubernetes = await apiServerThat({
    request: ({ url = '', headers }, response) => {
      asked.push(`${url} ${headers.accept ?? ''}`);
      const page = pages[asked.length - 1] ?? [];
      response.end(JSON.stringify({ metadata: asked.length < pages.length ? { continue: 'x' } : {}, items: page }));
    },
  });
  const records = await readAllRecords(kubernetes);
  expect([...(records ?? [])].map(([name, revisions]) => [name, revisions.map(({ revision }) => revision)])).toEqual([['a/dapr', [3, 2, 1]], ['b/dapr', [7]], ['a/strimzi', [1]]]);
  expect(asked).toHaveLength(2);
  // What is in a record may be a megabyte: only its labels are asked for.
  for (const one of asked) expect(one).toMatch(/^\/api\/v1\/secrets\?limit=500&labelSelector=owner%3Dhelm.* application\/json;as=PartialObjectMetadataList/);
});

test('for who may not read Secrets everywhere there are none to see; another refusal is an error', async () => {
  const answers = (status: number) => apiServerThat({ request: (_request, response) => void response.writeHead(status).end('{"message":"no"}') });
  expect(await readAllRecords(await answers(403))).toBeUndefined();
  await expect(readAllRecords(await answers(500))).rejects.toMatchObject({ code: 'TODOCTL_CLUSTER_STRANGE' });
});
