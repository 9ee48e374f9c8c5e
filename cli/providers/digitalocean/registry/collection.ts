import type { DigitalOcean } from '../client.ts';

/** A garbage collection: what DigitalOcean calls the cleaning of a registry. */
export interface Collection {
  uuid: string;
  /** What users see is more than the document lists; only these end it. */
  status: string;
}

const ENDED = ['failed', 'succeeded', 'success', 'cancelled'];

/** The collection that is under way in the registry at this path. While it lasts the registry can only be read. */
export async function activeCollection(api: DigitalOcean, path: string): Promise<Collection | undefined> {
  const found = (await api.find<{ garbage_collection: Collection }>(`${path}/garbage-collection`))?.garbage_collection;
  return found && !ENDED.includes(found.status) ? found : undefined;
}
