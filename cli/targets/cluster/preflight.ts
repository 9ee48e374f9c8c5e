import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { Kubernetes } from '../../kubernetes/client.ts';
import { strange } from '../../kubernetes/failures.ts';
import { openBuilder } from '../../images/open-builder.ts';
import { lookAtImages } from '../../images/make.ts';
import type { Check, Cluster } from '../../providers/provider.ts';
import { imagePlace } from '../../definition/image-place.ts';
import { resolveSecret } from '../local/secrets.ts';
import { runSteps } from '../../engine/run.ts';
import { refuseWrongKey } from './auth-key.ts';
import { capacityOf } from './capacity/capacity.ts';
import { type LiveNode, liveNodes, nodesOf } from './capacity/nodes.ts';
import { footprintsOf } from './capacity/pods.ts';
import { chartSourceOf } from './chart-source.ts';
import { readObjects } from './compare/desired.ts';
import { makePrivateFolder } from './folder.ts';
import type { Ground } from './ground.ts';
import { Helm } from './helm.ts';
import { helmIsThere } from './helm-version.ts';
import { refuseDeployWithoutRights } from './refuse-rights.ts';
import { registryFor } from './registry.ts';
import { ownSecrets } from './secrets.ts';
import type { Wanted } from './wanted.ts';

const OLDEST = { major: 1, minor: 30 };

/** All that would stop a deploy, found before the first change: definition, secrets, helm, charts, images, provider, cluster, rights. */
export async function preflight(ground: Ground): Promise<Check[]> {
  // Without a definition nothing else can be asked.
  const wanted = await ground.wanted();
  const { folder, given: { env, io: { redactor } } } = ground;
  await makePrivateFolder(folder);
  const provider = await ground.provider();
  const cluster = ground.provider().then((one) => one.cluster()).catch(() => undefined);
  const [provided, ...groups] = await Promise.all([
    provider.preflight(),
    checked('Secrets of the definition', () => secretsAreThere(ground)),
    checked('helm', () => helmIsThere(new Helm({ folder, kubeconfig: `${folder}/kubeconfig`, env, redactor }), folder, env)),
    checked('Charts', async () => void (await Promise.all(wanted.systems.flatMap(({ charts = [] }) => charts.map(chartSourceOf))))),
    checked('Images', () => imagesCanBeHad(ground)),
    cluster.then((found) => (found ? inCluster(ground, found) : [])),
    checked('Room', async () => thereIsRoom(wanted, await cluster.then((found) => found && liveNodes(ground.open(found))))),
  ]);
  // A token that is refused is refused to all who ask: said once.
  const said = new Set(provided.map(({ error }) => error?.code));
  return [...provided, ...groups.flat().filter(({ error }) => !error || !said.has(error.code))];
}

async function inCluster(ground: Ground, cluster: Cluster): Promise<Check[]> {
  const kubernetes = ground.open(cluster);
  const version = checked('Version of Kubernetes', () => isRecentEnough(kubernetes));
  const rights = checked('Rights in the cluster', async () => refuseDeployWithoutRights(kubernetes, await ground.wanted()));
  return (await Promise.all([version, rights])).flat();
}

/** `1.36`, `1.30+`: providers add a sign. */
async function isRecentEnough(kubernetes: Kubernetes): Promise<void> {
  const { status, body } = await kubernetes.ask<{ major?: string; minor?: string; gitVersion?: string }>('/version');
  if (status !== 200) throw strange(kubernetes.where, status, body);
  const [major, minor] = [Number.parseInt(body.major ?? '', 10), Number.parseInt(body.minor ?? '', 10)];
  if (major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor)) return;
  throw new TodoctlError('TODOCTL_CLUSTER_TOO_OLD', { message: `${kubernetes.where} has Kubernetes ${body.gitVersion ?? 'of an unknown version'}` });
}

async function secretsAreThere(ground: Ground): Promise<void> {
  const { env, io } = ground.given;
  const read = async (reference: Parameters<typeof resolveSecret>[0]): Promise<string> => {
    const value = await resolveSecret(reference, env);
    io.redactor.register(value);
    return value;
  };
  // What would be made is thrown away: only whether it can be.
  const { platform } = await ground.wanted();
  await Promise.all(ownSecrets(platform).map((secret) => secret.values({}, read)));
  const { auth } = platform.environment;
  if (auth && 'key' in auth) refuseWrongKey(await read(auth.key));
}

/** On the nodes that are there, else on those that are asked for, and in the database; as a plan counts. Errors: TODOCTL_CAPACITY_*. */
function thereIsRoom({ platform, desired, systems }: Wanted, nodes: readonly LiveNode[] | undefined): void {
  capacityOf(platform, footprintsOf(readObjects(desired), systems), nodesOf(platform.environment, nodes));
}

/** A registry of one's own can be asked before anything is made; whoever must build needs a program that does. Errors: TODOCTL_REGISTRY_*, TODOCTL_BUILDER_MISSING. */
async function imagesCanBeHad({ given, folder, ...ground }: Ground): Promise<void> {
  const { platform, tags } = await ground.wanted();
  const { env, io: { redactor }, stop, leave, clock } = given;
  const builderWorks = async (): Promise<void> => void (await openBuilder({ env, redactor, signal: stop, folder: `${folder}/docker`, progress: () => undefined }));
  // DigitalOcean makes its registry on the way, which has no images then; nobody else does.
  const made = imagePlace(platform).by === 'digitalocean' ? await (await ground.provider()).registries?.() : undefined;
  if (made) {
    if ((await made.check()) === 'free') await builderWorks();
    return;
  }
  const registry = registryFor(platform, given, undefined);
  const outcome = await runSteps([registry], { emit: () => undefined, clock, stop, leave });
  const home = outcome.of(registry);
  if (outcome.error) throw outcome.error;
  if (!home) return;
  const { missing } = await lookAtImages(tags, home, { redactor, stop });
  if (missing.length > 0) await builderWorks();
}

async function checked(title: string, check: () => Promise<void>): Promise<Check[]> {
  try {
    await check();
    return [{ title }];
  } catch (error) {
    if (error instanceof TodoctlError) return [{ title, error }];
    throw error;
  }
}
