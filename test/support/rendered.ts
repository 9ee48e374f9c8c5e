import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { loadPlatform } from '../../cli/definition/load.ts';
import type { Platform } from '../../cli/definition/platform.ts';
import { renderEnvironment } from '../../cli/render/environment.ts';
import type { Rendered } from '../../cli/render/rendered.ts';
import { openTemplates, type Templates } from '../../cli/render/templates.ts';
import { SYSTEM_SCHEMAS, SYSTEMS } from '../../cli/systems/all.ts';
import type { Tags } from '../../cli/systems/system.ts';
import { load } from './definition.ts';

/** An object of Kubernetes as a rendered file holds it. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  [key: string]: unknown;
}

const root = path.resolve(import.meta.dirname, '../..');
const templates = openTemplates();

/** The project's own definition, or one given as text, as one of its environments sees it; with the blocks of all systems. */
export async function platformIn(environment: string, text?: string): Promise<Platform> {
  if (text !== undefined) return load(text, environment, SYSTEM_SCHEMAS);
  return loadPlatform({ cwd: root, environment, env: { HOME: '/home/me' }, systems: SYSTEM_SCHEMAS });
}

/** All files of an environment. Images are tagged with their service's name, so that code may change without a change here. */
export function renderedOf(platform: Platform, filledBy: Templates = templates): Rendered[] {
  return renderEnvironment(platform, SYSTEMS, tagsOf(platform), filledBy);
}

/** Each image tagged with its service's name. */
export function tagsOf({ services }: Platform): Tags {
  return Object.fromEntries(services.map(({ name }) => [name, `tag-of-${name}`]));
}

/** The objects of files, in the order of applying. */
export function objectsIn(files: readonly Rendered[]): KubernetesObject[] {
  return files.filter(({ owner }) => owner !== 'file').flatMap(({ text }) => parseAllDocuments(text).map((document) => document.toJS() as KubernetesObject).filter(Boolean));
}
