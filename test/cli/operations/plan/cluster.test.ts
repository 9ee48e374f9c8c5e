// Which cluster an environment has: the one that is named and none that happens to be at hand.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { Environment } from '../../../../cli/definition/platform.ts';
import { clusterOf } from '../../../../cli/operations/plan/cluster.ts';
import { refusal } from '../../../support/definition.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { contextOn, targetWith } from '../stage.ts';
import { json, refused, type Script, scriptedCluster } from './scripted-cluster.ts';

const UID = '7b6f5a44-0000-4000-8000-c0ffee000001';
const EXISTING: Environment = { name: 'prod', provider: 'existing', protected: false, ports: {}, systems: {}, context: 'mine' };
const MANAGED: Environment = { ...EXISTING, provider: 'digitalocean' };
const ofUid = (uid: string): Script => ({ path: asked }, response) => asked === '/api/v1/namespaces/kube-system' && json(response, 200, { metadata: { uid } });

/** A kubeconfig with the one context `mine`, and where it lies. */
async function kubeconfig(script?: Script): Promise<{ cwd: string; file: string; where: string }> {
  const { server, ca } = await scriptedCluster([], script);
  const cwd = await temporaryFolder();
  const file = path.join(cwd, 'kubeconfig');
  const cluster = { server: server.href, 'certificate-authority-data': Buffer.from(ca).toString('base64') };
  await writeFile(file, stringify({ contexts: [{ name: 'mine', context: { cluster: 'c', user: 'u' } }], clusters: [{ name: 'c', cluster }], users: [{ name: 'u', user: { token: 't' } }] }));
  return { cwd, file, where: server.host };
}
const at = (cwd: string, env: NodeJS.ProcessEnv = {}) => ({ ...contextOn(targetWith()), cwd, env });

describe('the kubeconfig', () => {
  test('that is named is taken, for any provider', async () => {
    const { cwd, where } = await kubeconfig();
    using kubernetes = await clusterOf(at(cwd), MANAGED, { kubeconfig: 'kubeconfig', context: 'mine' });
    expect(kubernetes?.where).toContain(where);
  });

  test('of the user is read for an existing cluster, and for no other', async () => {
    const { cwd, file, where } = await kubeconfig();
    using kubernetes = await clusterOf(at(cwd, { KUBECONFIG: file }), EXISTING, {});
    expect(kubernetes?.where).toContain(where);
    expect(await clusterOf(at(cwd, { KUBECONFIG: file }), MANAGED, {})).toBeUndefined();
  });

  test('a context needs one', async () => {
    expect(await refusal(clusterOf(at('/'), MANAGED, { context: 'mine' }))).toMatchObject({ code: 'TODOCTL_USAGE', next: ['Name it with --kubeconfig FILE.'] });
  });
});

describe('the cluster that the definition names by its UID', () => {
  test('is that one', async () => {
    const { cwd, file } = await kubeconfig(ofUid(UID));
    using kubernetes = await clusterOf(at(cwd), { ...EXISTING, cluster: UID }, { kubeconfig: file });
    expect(kubernetes).toBeDefined();
  });

  test('is no other: nothing more is asked of that', async () => {
    const { cwd, file, where } = await kubeconfig(ofUid('another'));
    const error = await refusal(clusterOf(at(cwd), { ...EXISTING, cluster: UID }, { kubeconfig: file }));
    expect(error).toMatchObject({ code: 'TODOCTL_CLUSTER_WRONG', details: [`todoctl.yaml says ${UID}`, 'the cluster says another'] });
    expect(error.message).toContain(where);
  });

  test('cannot be told by who may not see it', async () => {
    const { cwd, file } = await kubeconfig((_request, response) => refused(response, 403, 'namespaces "kube-system" is forbidden'));
    expect(await refusal(clusterOf(at(cwd), { ...EXISTING, cluster: UID }, { kubeconfig: file }))).toMatchObject({ code: 'TODOCTL_CLUSTER_FORBIDDEN' });
  });
});
