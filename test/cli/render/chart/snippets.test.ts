import { describe, expect, test } from 'vitest';
import { filled, refused, RELEASE, sampleChart } from '../../../support/chart.ts';
import { renderChart } from '../../../../cli/render/chart/chart.ts';
import { FILLED, REFUSED, STRICTER, VALUES } from './snippets.ts';

describe('what a template becomes', () => {
  test.each(FILLED)('%s', (template, text) => {
    expect(filled(template, VALUES)).toBe(text);
  });
});

describe.each([
  ['what Helm refuses is refused', REFUSED],
  ['what Helm passes over is refused', STRICTER],
])('%s', (_title, cases) => {
  test.each(cases)('%s', (template, message) => {
    const said = refused(() => renderChart(sampleChart({ 'sample.yaml': `\n  ${template}` }, VALUES), {}, RELEASE));
    expect(said.code).toBe('TODOCTL_TEMPLATE_BROKEN');
    expect(said.message).toContain(`A template of the chart cannot be filled: `);
    expect(said.message).toContain(message);
    expect(said.details[0]).toMatch(/^charts\/sample\/templates\/sample\.yaml:2:\d+$/);
  });
});
