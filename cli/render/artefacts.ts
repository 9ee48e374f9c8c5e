import type { Platform } from '../definition/platform.ts';
import { composeArtefacts } from '../systems/compose.ts';
import { daprArtefacts } from '../systems/dapr.ts';
import { labelsOf } from '../systems/names.ts';
import type { Artefact } from '../systems/system.ts';
import { header } from './header.ts';
import { openTemplates, type Templates } from './templates.ts';

/** A file that the local environment is made of. */
export interface RenderedFile {
  /** Relative: `component-pubsub.yaml`, `compose/compose.yaml`. */
  path: string;
  text: string;
}

/**
 * The Dapr files of the local environment, for the embedded sidecar and for a real daprd. Pure but for reading the templates:
 * the same platform gives the same bytes. Holds no secret and nothing that is learnt at run time; those are reached by secretKeyRef.
 * Errors: TODOCTL_TEMPLATE_BROKEN.
 */
export function renderDapr(platform: Platform, templates: Templates = openTemplates()): RenderedFile[] {
  return renderFiles(platform, daprArtefacts(platform), 'dapr', templates);
}

/** The files with which Docker Compose runs an environment, below compose/. Errors: TODOCTL_TEMPLATE_BROKEN. */
export function renderCompose(platform: Platform, templates: Templates = openTemplates()): RenderedFile[] {
  return renderFiles(platform, composeArtefacts(platform), 'compose', templates);
}

function renderFiles(platform: Platform, artefacts: readonly Artefact[], system: string, templates: Templates): RenderedFile[] {
  // One machine has no namespaces.
  const everywhere = { namespace: null, labels: labelsOf(platform, system) };
  return artefacts.map(({ file, template, view }) => ({
    path: file,
    text: `${header(file, platform, `templates/${template}`)}${templates.fill(template, { ...everywhere, ...view })}`,
  }));
}
