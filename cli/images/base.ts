import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { TodoctlError } from '../errors/todoctl-error.ts';
import { OciRepository, type OciGiven } from './oci.ts';
import { parseImage } from './oci-address.ts';

const PATIENCE_MS = 8000;

/** The base image, and which one exactly where somebody could be asked. */
export interface Base {
  /** As it was named: `node:26-slim`. */
  name: string;
  /** What the build is told: with its digest where that is known. */
  reference: string;
  digest?: string;
}

/** The base image that a Dockerfile names by `ARG BASE=`. */
export async function baseOf(root: string): Promise<string> {
  const text = await readFile(path.join(root, 'services/Dockerfile'), 'utf8');
  const found = /^ARG BASE=(\S+)$/m.exec(text)?.[1];
  if (found === undefined) throw new Error('services/Dockerfile has no ARG BASE');
  return found;
}

/**
 * Asks the registry of the base image which one its tag names now, so that the image is made of that one and says so. Where the
 * registry cannot be asked the build takes what the builder has, and nothing is claimed: a digest is never made up.
 */
export async function resolveBase(name: string, given: OciGiven & { progress(line: string): void }): Promise<Base> {
  const image = parseImage(name);
  if (!image) return { name, reference: name };
  if (image.reference.startsWith('sha256:')) return { name, reference: name, digest: image.reference };
  try {
    const digest = await new OciRepository(image, { ...given, patience: PATIENCE_MS }).digestOf(image.reference);
    if (digest !== undefined) return { name, reference: `${name}@${digest}`, digest };
    given.progress(`${image.server} has no ${name}; the builder takes its own, and the image does not say which`);
  } catch (error) {
    if (!(error instanceof TodoctlError) || given.stop.aborted) throw error;
    given.progress(`the digest of ${name} cannot be had (${error.message}); the image does not record it`);
  }
  return { name, reference: name };
}
