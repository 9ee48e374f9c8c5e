// What is rendered of an environment, by where it is.
import { expect, test } from 'vitest';
import { renderedFiles } from '../../../../cli/operations/render/load.ts';
import { platformIn } from '../../../support/rendered.ts';

test('of a laptop: what its sidecars read, and what Docker Compose needs; nothing for a cluster', async () => {
  const files = await renderedFiles(await platformIn('local'));
  expect([...new Set(files.map(({ system }) => system))]).toEqual(['dapr', 'compose']);
  expect(files.every(({ owner }) => owner === 'file')).toBe(true);
  expect(files.map(({ path }) => path)).toEqual(expect.arrayContaining(['dapr/component-pubsub.yaml', 'compose/compose.yaml', 'compose/dapr/component-pubsub.yaml']));
  expect(new Set(files.map(({ path }) => path)).size).toBe(files.length);
});
