import type { Step } from '../../../engine/step.ts';
import { TodoctlError } from '../../../errors/todoctl-error.ts';
import { isRefusal } from '../failures.ts';
import type { RegistryKeeper, StoredTag } from '../../registry-keeper.ts';
import { activeCollection, type Collection } from './collection.ts';
import { checkRegistry, credentialsOf, findRegistry, isOurs, nameOf, pathOf, type RegistryGiven, registryMark, registryStep } from './registry.ts';

interface Tier {
  name: string;
  monthly_price_in_cents: number;
  included_storage_bytes: number;
}

/** Credentials for writing live up to 15 minutes, and a collection waits for them. */
const CLEAN_MS = 60 * 60_000;
const REMOVE_MS = 120_000;

/** The registry of a platform at DigitalOcean, for those who look after it. */
export function registryKeeper(given: RegistryGiven): RegistryKeeper {
  const { api, server } = given;
  const name = nameOf(given);
  const repository = `${pathOf(name)}/repositories/${encodeURIComponent(given.repository.split('/').slice(1).join('/'))}`;
  const collection = `${pathOf(name)}/garbage-collection`;
  const active = (): Promise<Collection | undefined> => activeCollection(api, pathOf(name));
  const tags = async (): Promise<StoredTag[]> => {
    const rows = await api.list<{ tag: string; manifest_digest: string; compressed_size_bytes: number; updated_at: string }>(`${repository}/tags`, 'tags').catch((error: unknown) => {
      // A repository begins with its first push.
      if (isRefusal(error, 404)) return [];
      throw error;
    });
    return rows.map(({ tag, manifest_digest: digest, compressed_size_bytes: bytes, updated_at: updated }) => ({ tag, digest, bytes, updated }));
  };
  return {
    name,
    server,
    check: () => checkRegistry(given),
    create: registryStep(given),
    tags,
    credentials: (access, seconds) => credentialsOf(given, access, seconds),
    async show() {
      const row = await findRegistry(api, name);
      if (!row) return undefined;
      const [ours, subscription, cleaning] = await Promise.all([isOurs(given, name), api.find<{ subscription?: { tier?: Tier } }>('/v2/registries/subscription'), active()]);
      const tier = subscription?.subscription?.tier;
      return {
        name, region: row.region, ours, bytes: row.storage_usage_bytes,
        ...(tier ? { plan: { name: tier.name, monthly: tier.monthly_price_in_cents / 100, bytes: tier.included_storage_bytes } } : {}),
        ...(cleaning ? { cleaning: cleaning.status } : {}),
      };
    },
    async cancel() {
      const found = await active();
      if (found) await api.put(`${collection}/${found.uuid}`, { cancel: true });
      return found !== undefined;
    },
    clean: (unused) => cleanStep(given, { unused, tags, active, repository, collection }),
    remove: () => removeRegistry(given, name),
  };
}

interface Cleaning {
  unused: readonly string[];
  tags: () => Promise<StoredTag[]>;
  active: () => Promise<Collection | undefined>;
  repository: string;
  collection: string;
}

function cleanStep({ api }: RegistryGiven, { unused, tags, active, repository, collection }: Cleaning): Step {
  let asked: string | undefined;
  return {
    id: 'clean',
    title: 'Clean the registry',
    needs: [],
    timeout: CLEAN_MS,
    makes: unused.map((tag) => `tag ${tag} goes`),
    async check() {
      const running = await active();
      if (running) return { is: 'busy', reason: running.status };
      const left = (await tags()).filter(({ tag }) => unused.includes(tag));
      if (left.length > 0 || asked === undefined) return { is: 'absent' };
      const { garbage_collections: all = [] } = await api.get<{ garbage_collections?: Collection[] }>(`${collection}s`);
      const { status = 'gone' } = all.find(({ uuid }) => uuid === asked) ?? {};
      if (status === 'succeeded' || status === 'success') return { is: 'done', value: undefined };
      return { is: 'stuck', error: new TodoctlError('TODOCTL_REGISTRY_REFUSED', { message: `The cleaning of the registry ended as ${status}` }) };
    },
    async apply(run) {
      for (const { tag } of (await tags()).filter((one) => unused.includes(one.tag))) {
        await api.remove(`${repository}/tags/${encodeURIComponent(tag)}`);
        run.progress(`tag ${tag} is gone`);
      }
      const { garbage_collection: begun } = await api.make<{ garbage_collection: Collection }>(collection, { type: 'untagged manifests and unreferenced blobs' }, async () => {
        const found = await active();
        return found && { garbage_collection: found };
      });
      asked = begun.uuid;
    },
  };
}

/** Deletes a registry that was made for the platform. The mark goes last: what a killed run left is still known as ours. */
export function removeRegistry(given: Pick<RegistryGiven, 'api' | 'platform'>, name: string): Step {
  const { api } = given;
  const tag = `/v2/tags/${encodeURIComponent(registryMark(given.platform, name))}`;
  return {
    id: 'registry',
    title: 'Delete the registry',
    needs: [],
    timeout: REMOVE_MS,
    makes: [`registry ${name} goes`],
    async check() {
      const [row, ours] = await Promise.all([findRegistry(api, name), isOurs(given, name)]);
      if (!row && !ours) return { is: 'done', value: undefined };
      if (row && !ours) return { is: 'stuck', error: new TodoctlError('TODOCTL_REGISTRY_NOT_OURS', { message: `The registry ${name} was not made by todoctl, so it stays` }) };
      return { is: 'absent' };
    },
    async apply() {
      await api.remove(pathOf(name));
      if (!(await findRegistry(api, name))) await api.remove(tag);
    },
  };
}
