import path from 'node:path';
import type { Platform } from '../../definition/platform.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import { type Clock, systemClock } from '../../io/clock.ts';
import type { Provider, ProviderGiven } from '../provider.ts';
import { billOf } from './bill.ts';
import { DigitalOcean } from './client.ts';
import { clusterStep } from './cluster/cluster.ts';
import { summaries } from './cluster/describe.ts';
import { allClusters, ourCluster } from './cluster/find.ts';
import { forget, readRecord } from './cluster/record.ts';
import { knownCluster, type SignInGiven, signIn } from './cluster/sign-in.ts';
import { upgradesOf, upgradeStep } from './cluster/upgrade.ts';
import { vpcStep } from './cluster/vpc.ts';
import { wantedCluster } from './cluster/wanted.ts';
import { databaseSteps } from './databases/steps.ts';
import { findAll } from './found.ts';
import { noteLeaving, readLeaving } from './leaving.ts';
import type { Owner } from './marks.ts';
import { namesAt, namesOf } from './names.ts';
import { preflight } from './preflight.ts';
import { projectsOf, projectStep } from './projects.ts';
import { attachStep } from './registry/attach.ts';
import { refuseWhileShared, registriesOf } from './registry/found.ts';
import { registryKeeper, removeRegistry } from './registry/keeper.ts';
import { registryStep } from './registry/registry.ts';
import { wantedRegistry } from './registry/wanted.ts';
import { nameResource, resourcesOf } from './resources.ts';
import { teardownSteps } from './teardown.ts';

export interface DigitalOceanGiven extends ProviderGiven {
  owner: Owner;
  /** The private kubeconfig; what is remembered of the cluster lies beside it. */
  kubeconfig: string;
  /** The definition, whole: only what makes something needs it. */
  platform(): Promise<Platform>;
  clock?: Clock;
}

/** Clusters, networks, registries and databases of DigitalOcean, all of them known by the environment's mark. */
export function digitalOceanProvider(given: DigitalOceanGiven): Provider {
  const { owner, kubeconfig, env, redactor, stop, say, clock = systemClock } = given;
  const folder = path.dirname(kubeconfig);
  const [record, leaving] = [path.join(folder, 'cluster.json'), path.join(folder, 'leaving.json')];
  const api = new DigitalOcean({ env, redactor, stop, clock, ...(say ? { say } : {}) });
  const access: SignInGiven = { api, env, redactor, stop, clock, kubeconfig, record, leaving };
  return {
    name: 'DigitalOcean',
    clusters: {
      async show() {
        return (await summaries(api)).find(({ platform, environment }) => platform === owner.platform && environment === owner.environment);
      },
      async upgrades() {
        const found = ourCluster(await allClusters(api), owner);
        return found ? (await upgradesOf(api, found.id)).map(({ slug }) => slug) : [];
      },
      upgrade: (to) => upgradeStep(access, owner, to),
    },
    names: namesAt(api, owner),
    async registries() {
      const images = wantedRegistry(await given.platform(), access);
      return images && registryKeeper(images);
    },
    preflight: async () => preflight(api, await given.platform()),
    async cluster() {
      const known = await knownCluster(access);
      if (known) return known;
      const found = ourCluster(await allClusters(api), owner);
      if (!found) {
        // Deleted by hand: what it left is still known by its id.
        const gone = await readRecord(record);
        if (gone) await noteLeaving(leaving, gone.id, {});
        await forget(kubeconfig, record);
        return undefined;
      }
      const state = found.status?.state ?? 'provisioning';
      if (['provisioning', 'deleting', 'error'].includes(state)) throw new TodoctlError('TODOCTL_NOT_DEPLOYED', {
        message: `The cluster ${found.name} is in state ${state}`,
        why: 'It can be used while it runs. Making and deleting take minutes; from an error it does not come back.',
        next: [`Run todoctl cluster show --env ${owner.environment} to see when that is over. In state error: todoctl cluster delete, then deploy.`],
      });
      return signIn(access, found);
    },
    async steps() {
      const wanted = wantedCluster(await given.platform());
      const vpc = vpcStep(api, wanted);
      const cluster = clusterStep(access, wanted, vpc);
      const platform = await given.platform();
      const managed = databaseSteps(access, platform, vpc, cluster);
      const { project } = platform.environment;
      const filed = project === undefined ? {} : { project: projectStep(api, owner, project, [cluster, ...Object.values(managed)]) };
      const images = wantedRegistry(platform, access);
      if (!images) return { cluster, ...managed, ...filed };
      const registry = registryStep(images);
      return { cluster, registry, attach: attachStep(access, cluster, registry), ...managed, ...filed };
    },
    async price(made) {
      return billOf(access, await given.platform(), made, clock.now());
    },
    async resources({ billed = false } = {}) {
      // A name of this environment may be in any zone of the account, for todoctl.yaml may have another host by now.
      const [found, names, registries, projects] = await Promise.all([
        readLeaving({ leaving, record }).then((left) => findAll(api, owner, left)),
        billed ? [] : namesOf(api, owner),
        registriesOf(api, owner.platform, clock.now()),
        billed ? [] : projectsOf(api, owner),
      ]);
      return [...resourcesOf(found, clock.now()), ...names.map(nameResource), ...projects, ...registries];
    },
    async teardown(options) {
      const steps = teardownSteps({ api, clock, owner, kubeconfig, record, leaving }, options);
      if (!options.withRegistry) return steps;
      refuseWhileShared(await allClusters(api), owner);
      // Last: nodes that drain may still pull.
      const registries = options.found.filter(({ kind, owner: whose }) => kind === 'registry' && whose === 'platform');
      return [...steps, ...registries.map(({ name }) => ({ ...removeRegistry({ api, platform: owner.platform }, name), id: `registry-${name}`, needs: steps.slice(-1) }))];
    },
  };
}
