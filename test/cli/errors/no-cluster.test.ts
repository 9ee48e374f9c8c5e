import { expect, test } from 'vitest';
import { noCluster } from '../../../cli/errors/no-cluster.ts';

test('an environment without a cluster is told with its name in every next step', () => {
  const error = noCluster('staging');
  expect(error).toMatchObject({ code: 'TODOCTL_NOT_DEPLOYED', exit: 3, message: 'The environment staging has no cluster yet' });
  expect(error.next).toHaveLength(2);
  for (const step of error.next) expect(step).toMatch(/todoctl (deploy|cluster create) --env staging\.$/);
  // What is true of a laptop only would send its reader to the wrong place.
  expect(error.why).not.toContain('machine');
});
