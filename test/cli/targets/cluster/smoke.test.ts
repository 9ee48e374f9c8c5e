import { expect, test } from 'vitest';
import type { Kubernetes } from '../../../../cli/kubernetes/client.ts';
import type { Ground } from '../../../../cli/targets/cluster/ground.ts';
import { refuseUndeployed } from '../../../../cli/targets/cluster/smoke.ts';

const asked: string[] = [];
const groundThat = (status: number): Pick<Ground, 'peek' | 'given' | 'kubernetes'> => ({
  peek: { platform: 'todo' }, given: { environment: 'prod' },
  kubernetes: async () => ({ where: 'test', ask: async (path: string) => { asked.push(path); return { status, body: {} }; } }) as unknown as Kubernetes,
}) as unknown as Pick<Ground, 'peek' | 'given' | 'kubernetes'>;

test('where nothing was deployed nobody waits five minutes for an entrance', async () => {
  await expect(refuseUndeployed(groundThat(404))).rejects.toMatchObject({ code: 'TODOCTL_NOT_DEPLOYED', exit: 3, message: 'The environment prod is not deployed in its cluster' });
  expect(asked).toEqual(['/api/v1/namespaces/todo']);
});

test('what is there, however far, is tried; who may not look is told', async () => {
  await expect(refuseUndeployed(groundThat(200))).resolves.toBeUndefined();
  await expect(refuseUndeployed(groundThat(403))).rejects.toMatchObject({ code: 'TODOCTL_CLUSTER_FORBIDDEN', exit: 4 });
});
