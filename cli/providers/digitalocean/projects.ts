import type { Run, State, Step } from '../../engine/step.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { Resource } from '../resource.ts';
import type { DigitalOcean } from './client.ts';
import { allClusters, allVpcs } from './cluster/find.ts';
import { isRefusedAlone } from './failures.ts';
import type { FoundDatabase } from './found.ts';
import { markOf, type Owner, ownerOf } from './marks.ts';

interface ApiProject {
  id: string;
  name: string;
  description?: string;
}

const PATH = '/v2/projects';
const LIMIT_MS = 120_000;

/** Shows the environment's cluster, network and databases in a project of this name; it is made where there is none, and ours by its description. */
export function projectStep(api: DigitalOcean, owner: Owner, name: string, needs: readonly Step[]): Step {
  const find = async (): Promise<ApiProject | undefined> => (await allProjects(api)).find((one) => one.name === name);
  const missing = async ({ id }: ApiProject): Promise<string[]> => {
    const [wanted, there] = await Promise.all([urnsOf(api, owner), urnsIn(api, id)]);
    return wanted.filter((urn) => !there.includes(urn));
  };
  const create = async (): Promise<ApiProject> => {
    const body = { name, purpose: 'Operational / Developer tooling', description: markOf(owner) };
    return (await api.make<{ project: ApiProject }>(PATH, body, async () => find().then((project) => project && { project }))).project;
  };
  const look = async (): Promise<State<undefined>> => {
    const project = await find();
    if (!project) return { is: 'absent' };
    const outside = await missing(project);
    return outside.length === 0 ? { is: 'done', value: undefined } : { is: 'drifted', value: undefined, changes: outside.map((urn) => ({ what: urn, to: `project ${name}` })) };
  };
  /** A project is of use, and nothing needs it: where DigitalOcean refuses, that is told, and all goes on. */
  let without: { made?: false } | undefined;
  const goWithout = (run: Run, reasons: readonly string[], made: boolean): void => {
    without = made ? {} : { made: false };
    run.progress(`Not all is shown in the project ${name}: ${reasons.join('; ')}`);
  };
  return {
    id: 'project',
    title: 'Project',
    needs,
    timeout: LIMIT_MS,
    makes: [`project ${name}`],
    async check(run) {
      if (without) return { is: 'done', value: undefined, ...without };
      return look().catch((error: unknown) => {
        goWithout(run, reasonsOf(error), false);
        return { is: 'done', value: undefined };
      });
    },
    async apply(run) {
      let made = false;
      const fill = async (): Promise<string[]> => {
        const before = await find();
        const project = before ?? (await create());
        made = !before;
        const { resources } = await api.post<{ resources: { urn: string; status: string }[] }>(`${PATH}/${project.id}/resources`, { resources: await missing(project) });
        // 200 for all, and what became of each stands beside it.
        const refused = resources.filter(({ status }) => !['ok', 'assigned', 'already_assigned'].includes(status));
        made ||= refused.length < resources.length;
        return refused.map(({ urn, status }) => `${urn}: ${status}`);
      };
      const refused = await fill().catch(reasonsOf);
      if (refused.length > 0) goWithout(run, refused, made);
    },
  };
}

/** Whose projects of the account are, by their descriptions. */
export async function ownersOfProjects(api: DigitalOcean): Promise<Owner[]> {
  return (await allProjects(api).catch(unseen)).flatMap(({ description = '' }) => ownerOf(description) ?? []);
}

/**
 * The project that was made for an environment; not ours any more where others have put something into it, or where it has a network
 * that always stays. None for a token that may not see projects.
 */
export async function projectsOf(api: DigitalOcean, owner: Owner): Promise<Resource[]> {
  const found = (await allProjects(api).catch(unseen)).filter(({ description }) => description === markOf(owner));
  return Promise.all(found.map(async ({ id, name }): Promise<Resource> => {
    const [ours, there] = await Promise.all([urnsOf(api, owner), urnsIn(api, id)]);
    const others = there.filter((urn) => !ours.includes(urn));
    return { kind: 'project', name, id, owner: others.length > 0 ? 'other' : 'environment', ...(others.length > 0 ? { heldBy: others.join(', ') } : {}) };
  }));
}

/** Once nothing is in it: DigitalOcean deletes no other. */
export function projectGoneStep(api: DigitalOcean, owner: Owner, needs: readonly Step[]): Step {
  const look = async (): Promise<Resource[]> => (await projectsOf(api, owner)).filter((project) => project.owner === 'environment');
  return {
    id: 'project-gone',
    title: 'Project goes',
    needs,
    timeout: LIMIT_MS,
    async check() {
      const found = await look();
      const full = (await Promise.all(found.map(async ({ id }) => urnsIn(api, id)))).flat();
      if (full.length > 0) return { is: 'busy', reason: `still in it: ${full.join(', ')}` };
      return found.length === 0 ? { is: 'done', value: undefined } : { is: 'drifted', value: undefined, changes: found.map(({ name }) => ({ what: `project ${name}`, to: 'gone' })) };
    },
    async apply() {
      for (const { id } of await look()) await api.remove(`${PATH}/${id}`);
    },
  };
}

/** Not the default network of a region: that never goes, and a project that has it could not go either. */
async function urnsOf(api: DigitalOcean, owner: Owner): Promise<string[]> {
  const [clusters, vpcs, databases] = await Promise.all([allClusters(api), allVpcs(api), api.list<FoundDatabase>('/v2/databases', 'databases')]);
  const ours = ({ tags }: { tags?: readonly string[] | null }): boolean => tags?.includes(markOf(owner)) ?? false;
  return [
    ...clusters.filter(ours).map(({ id }) => `do:kubernetes:${id}`),
    ...vpcs.filter(({ description, default: stays }) => description === markOf(owner) && stays !== true).map(({ id }) => `do:vpc:${id}`),
    ...databases.filter(ours).map(({ id }) => `do:dbaas:${id}`),
  ];
}

async function urnsIn(api: DigitalOcean, project: string): Promise<string[]> {
  return (await api.list<{ urn: string }>(`${PATH}/${project}/resources`, 'resources')).map(({ urn }) => urn);
}

function allProjects(api: DigitalOcean): Promise<ApiProject[]> {
  return api.list<ApiProject>(PATH, 'projects');
}

/** Why this was refused. Throws what concerns more than projects. */
function reasonsOf(error: unknown): string[] {
  if (!isRefusedAlone(error)) throw error;
  return [error.message, ...error.details];
}

function unseen(error: unknown): [] {
  if (error instanceof TodoctlError && error.code === 'TODOCTL_DIGITALOCEAN_SCOPE_MISSING') return [];
  throw error;
}
