import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { secretFiles } from '../src/container/secret.files.ts';
import { roles } from '../src/roles.ts';

const dir = path.resolve(import.meta.dirname, '../../../deploy/kubernetes');

interface EnvVar {
  name: string;
  value: string;
}
interface Container {
  name: string;
  image: string;
  args: string[];
  env: EnvVar[];
  envFrom?: { configMapRef?: { name: string }; secretRef?: { name: string; optional?: boolean } }[];
  ports?: { name: string; containerPort: number }[];
  startupProbe?: Probe;
  livenessProbe?: Probe;
  readinessProbe?: Probe;
  lifecycle?: { preStop?: { exec: { command: string[] } } };
  resources: { requests: Record<string, string>; limits: Record<string, string> };
  securityContext: Record<string, unknown>;
  volumeMounts: { name: string; mountPath: string; readOnly?: boolean }[];
}
interface Probe {
  httpGet: { path: string; port: string };
}
interface Pod {
  terminationGracePeriodSeconds: number;
  automountServiceAccountToken: boolean;
  securityContext: Record<string, unknown>;
  topologySpreadConstraints: { topologyKey: string }[];
  containers: [Container];
  volumes: { name: string; secret?: { secretName: string } }[];
}
interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  data?: Record<string, string>;
  spec: Record<string, unknown> & { template: { metadata: { labels: Record<string, string> }; spec: Pod } };
}

const yamlIn = (folder: string): string[] => readdirSync(folder).filter((name) => name.endsWith('.yaml'));
const read = (file: string): Manifest[] =>
  parseAllDocuments(readFileSync(file, 'utf8')).map((document) => {
    expect({ file, errors: document.errors }).toEqual({ file, errors: [] });
    return document.toJS() as Manifest;
  });

const base = path.join(dir, 'base');
const { resources, images } = parse(readFileSync(path.join(base, 'kustomization.yaml'), 'utf8')) as {
  resources: string[];
  images: { name: string }[];
};
const manifests = resources.flatMap((file) => read(path.join(base, file)));
const of = (kind: string, name: string): Manifest => {
  const found = manifests.filter((one) => one.kind === kind && one.metadata.name === name);
  if (found.length !== 1 || !found[0]) throw new Error(`there are ${found.length} ${kind} ${name}`);
  return found[0];
};
const secrets = {
  installation: 'x',
  postgresPassword: 'x',
  redisPassword: 'x',
  dbPasswords: {},
  serviceSecrets: {},
  jwtPrivateKey: 'x',
  demoPassword: 'x',
};
const files = secretFiles(roles, secrets, { minioPassword: 'x', s3AccessKey: 'x', s3SecretKey: 'x' });
const workloads = manifests.filter(({ kind }) => kind === 'Deployment' || kind === 'Job');

describe('the Kubernetes base', () => {
  it('lists every file, and each is well-formed with nothing twice', () => {
    expect(yamlIn(base).sort()).toEqual([...resources, 'kustomization.yaml'].sort());
    const names = manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
  });

  it('has a Deployment for every role of the table and for nothing else', () => {
    const deployed = manifests.filter(({ kind }) => kind === 'Deployment').map(({ metadata }) => metadata.name);
    expect(deployed.sort()).toEqual(roles.map(({ name }) => name).sort());
  });

  it('has one image for everything, which the overlay replaces', () => {
    for (const { spec } of workloads)
      expect(spec.template.spec.containers.map(({ image }) => image)).toEqual(['atrium']);
    expect(images.map(({ name }) => name)).toEqual(['atrium']);
  });

  describe.each(roles)('$name', ({ name, offset }) => {
    const port = 8000 + offset;
    const { spec } = of('Deployment', name);
    const pod = spec.template.spec;
    const [container] = pod.containers;

    it('serves its role on its port, and is asked there', () => {
      expect(container.args).toEqual(['serve', name]);
      expect(container.ports).toEqual([{ name: 'http', containerPort: port }]);
      expect(container.env).toContainEqual({ name: 'PORT', value: String(port) });
      expect(container.startupProbe?.httpGet).toEqual({ path: '/health/live', port: 'http' });
      expect(container.livenessProbe?.httpGet).toEqual({ path: '/health/live', port: 'http' });
      expect(container.readinessProbe?.httpGet).toEqual({ path: '/health/ready', port: 'http' });
    });

    it('leaves the endpoints before it drains, in the time it is given', () => {
      const [command, seconds] = container.lifecycle?.preStop?.exec.command ?? [];
      expect(command).toBe('sleep');
      // Ordinary requests are drained for 20 s; workers end after them.
      expect(Number(seconds) + 20).toBeLessThan(pod.terminationGracePeriodSeconds);
    });

    it('is reached by its name, budgeted, scaled and spread', () => {
      const labels = spec.template.metadata.labels;
      expect(of('Service', name).spec).toMatchObject({ ports: [{ port, targetPort: 'http' }] });
      for (const selector of [of('Service', name).spec['selector'], of('PodDisruptionBudget', name).spec['selector']]) {
        const wanted = (selector as { matchLabels?: object }).matchLabels ?? selector;
        expect(labels).toMatchObject(wanted as object);
      }
      expect(of('HorizontalPodAutoscaler', name).spec['scaleTargetRef']).toMatchObject({ kind: 'Deployment', name });
      expect(spec['replicas']).toBeUndefined();
      expect(pod.topologySpreadConstraints.map(({ topologyKey }) => topologyKey)).toContain('kubernetes.io/hostname');
    });

    it('finds the others where their Services are', () => {
      const { data = {} } = of('ConfigMap', 'atrium');
      for (const other of roles) {
        if (other.urlSetting) expect(data[other.urlSetting]).toBe(`http://${other.name}:${8000 + other.offset}`);
      }
      for (const { configMapRef } of container.envFrom ?? []) if (configMapRef) of('ConfigMap', configMapRef.name);
    });
  });

  it.each(workloads.map((one) => ({ name: one.metadata.name, pod: one.spec.template.spec })))(
    '$name mounts its own secrets only, all of them and none that is not made',
    ({ name, pod }) => {
      const [container] = pod.containers;
      const mounted = pod.volumes.flatMap(({ secret }) => secret?.secretName ?? []);
      expect(mounted).toEqual([`atrium-${name}`]);
      const named = container.env.filter((variable) => variable.name.endsWith('_FILE'));
      for (const { name: setting, value } of named)
        expect(value).toBe(`/run/secrets/${setting.replace(/_FILE$/, '').toLowerCase()}`);
      expect(named.map(({ value }) => path.basename(value)).sort()).toEqual(Object.keys(files[name] ?? {}).sort());
      expect(container.volumeMounts).toContainEqual({ name: 'secrets', mountPath: '/run/secrets', readOnly: true });
      // What an operator adds may be missing.
      for (const { secretRef } of container.envFrom ?? []) if (secretRef) expect(secretRef.optional).toBe(true);
    },
  );

  it.each(workloads.map((one) => ({ name: one.metadata.name, pod: one.spec.template.spec })))(
    '$name runs as nobody in particular, and changes nothing but /tmp',
    ({ pod }) => {
      const [container] = pod.containers;
      expect(pod.automountServiceAccountToken).toBe(false);
      expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(container.volumeMounts.filter(({ readOnly }) => !readOnly).map(({ mountPath }) => mountPath)).toEqual([
        '/tmp',
      ]);
      expect(container.resources).toMatchObject({
        requests: { cpu: expect.any(String) },
        limits: { memory: expect.any(String) },
      });
    },
  );

  it('migrates as one job', () => {
    expect(of('Job', 'migrate').spec.template.spec.containers[0].args).toEqual(['migrate']);
  });

  it('denies what no rule allows, and lets nobody but services and the migration reach data', () => {
    expect(of('NetworkPolicy', 'deny').spec).toEqual({
      podSelector: { matchLabels: { 'app.kubernetes.io/part-of': 'atrium' } },
      policyTypes: ['Ingress', 'Egress'],
    });
    for (const { metadata, spec } of [...manifests].filter(({ kind }) => kind === 'Deployment' || kind === 'Job'))
      expect({ ...metadata.labels, ...spec.template.metadata.labels }).toMatchObject({
        'app.kubernetes.io/part-of': 'atrium',
      });
    for (const store of ['postgres', 'redis', 'minio']) {
      const rules = of('NetworkPolicy', store).spec['ingress'] as {
        from: { podSelector?: { matchLabels: object } }[];
      }[];
      const sources = rules.flatMap(({ from }) => from);
      expect(sources.length).toBeGreaterThan(0);
      for (const { podSelector } of sources)
        expect(podSelector?.matchLabels).toMatchObject({ 'app.kubernetes.io/part-of': 'atrium' });
    }
  });

  it('lets streams and sockets through the Ingress, to the gateway alone, and keeps metrics inside', () => {
    const { metadata, spec } = of('Ingress', 'atrium');
    expect(metadata.annotations).toMatchObject({
      'nginx.ingress.kubernetes.io/proxy-buffering': 'off',
      'nginx.ingress.kubernetes.io/proxy-read-timeout': '3600',
    });
    const rules = spec['rules'] as { http: { paths: { path: string; backend: { service: { name: string } } }[] } }[];
    const paths = rules.flatMap(({ http }) => http.paths);
    expect(paths.map(({ path: one }) => one)).toEqual(expect.arrayContaining(['/api', '/ws']));
    for (const { path: one, backend } of paths) {
      expect(backend.service.name).toBe('gateway');
      expect('/metrics'.startsWith(one) || '/internal'.startsWith(one)).toBe(false);
    }
  });
});

describe('the overlay', () => {
  it('is well-formed, stands on the base and patches what is there', () => {
    const overlay = path.join(dir, 'overlays/external');
    const { resources: own, patches } = parse(readFileSync(path.join(overlay, 'kustomization.yaml'), 'utf8')) as {
      resources: string[];
      patches: { path: string }[];
    };
    expect(own).toContain('../../base');
    const listed = [
      ...own.filter((name) => name.endsWith('.yaml')),
      ...patches.map((patch) => patch.path),
      'kustomization.yaml',
    ];
    expect(yamlIn(overlay).sort()).toEqual(listed.sort());
    for (const patch of patches)
      for (const { kind, metadata } of read(path.join(overlay, patch.path))) of(kind, metadata.name);
  });
});
