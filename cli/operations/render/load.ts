import { loadPlatform } from '../../definition/load.ts';
import type { Platform } from '../../definition/platform.ts';
import { sourceTags } from '../../images/source-tags.ts';
import { renderCompose, renderDapr } from '../../render/artefacts.ts';
import { renderEnvironment } from '../../render/environment.ts';
import type { Rendered } from '../../render/rendered.ts';
import { openTemplates, type Templates } from '../../render/templates.ts';
import { SYSTEM_SCHEMAS, SYSTEMS } from '../../systems/all.ts';
import type { Context } from '../context.ts';

/** The environment of the context as its definition has it now, and all its files. */
export async function loadRendered({ cwd, environment, env }: Context): Promise<{ platform: Platform; files: Rendered[] }> {
  const platform = await loadPlatform({ cwd, environment, env, systems: SYSTEM_SCHEMAS });
  return { platform, files: await renderedFiles(platform) };
}

/** All files of an environment. On a laptop these are what the sidecars read, and Docker Compose's. */
export async function renderedFiles(platform: Platform): Promise<Rendered[]> {
  const templates = openTemplates();
  if (platform.environment.provider === 'local') return localFiles(platform, templates);
  const tags = await sourceTags(platform.root, platform.services.map(({ name }) => name));
  return renderEnvironment(platform, SYSTEMS, tags, templates);
}

function localFiles(platform: Platform, templates: Templates): Rendered[] {
  const dapr = renderDapr(platform, templates).map(({ path, text }): Rendered => ({ path: `dapr/${path}`, text, system: 'dapr', owner: 'file' }));
  const compose = renderCompose(platform, templates).map(({ path, text }): Rendered => ({ path, text, system: 'compose', owner: 'file' }));
  return [...dapr, ...compose];
}
