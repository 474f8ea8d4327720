// Reads what validation_verdicts prints and asks protovalidate for its verdict on the same messages.
//
//   node validation_differential.mjs <api.binpb> <npm folder> < verdicts
//
// Prints each message on whose violated fields the two disagree, then a line of counts; fails when there was one.
import {createRequire} from 'node:module';
import {readFileSync} from 'node:fs';
import {createInterface} from 'node:readline';

const [descriptors, npm] = process.argv.slice(2);
const require = createRequire(`${npm}/`);
const {create, createFileRegistry, fromBinary, getExtension, hasExtension, setExtension, toJson} = require('@bufbuild/protobuf');
const {FieldDescriptorProto_Label, FieldDescriptorProto_Type, FieldOptionsSchema, FileDescriptorSetSchema} =
  require('@bufbuild/protobuf/wkt');
const {pathToString} = require('@bufbuild/protobuf/reflect');
const {createValidator} = require('@bufbuild/protovalidate');

const SHOWN = 10;

// Our rules in protovalidate's words: what common/rpc/validation.h asks beyond them is written into the options.
function withOurRules(files) {
  const known = createFileRegistry(files);
  const rulesOf = known.getExtension('buf.validate.field');
  const behaviorOf = known.getExtension('google.api.field_behavior');
  const number = (type, name) => known.getEnum(type).values.find((value) => value.name === name).number;
  const required = number('google.api.FieldBehavior', 'REQUIRED');
  const outputOnly = number('google.api.FieldBehavior', 'OUTPUT_ONLY');
  const ignoreAlways = number('buf.validate.Ignore', 'IGNORE_ALWAYS');
  const message = (name) => create(known.getMessage(`buf.validate.${name}`));

  // Enum numbers are defined.
  function askForDefined(rules) {
    if (rules.type.case !== 'enum') rules.type = {case: 'enum', value: message('EnumRules')};
    rules.type.value.definedOnly = true;
  }

  function extend(field) {
    field.options ??= create(FieldOptionsSchema);
    const behaviors = hasExtension(field.options, behaviorOf) ? getExtension(field.options, behaviorOf) : [];
    const rules = hasExtension(field.options, rulesOf) ? getExtension(field.options, rulesOf) : create(rulesOf.message);
    if (behaviors.includes(required)) rules.required = true;
    if (behaviors.includes(outputOnly)) rules.ignore = ignoreAlways;
    if (field.type === FieldDescriptorProto_Type.ENUM && field.label === FieldDescriptorProto_Label.REPEATED) {
      if (rules.type.case !== 'repeated') rules.type = {case: 'repeated', value: message('RepeatedRules')};
      rules.type.value.items ??= message('FieldRules');
      askForDefined(rules.type.value.items);
    } else if (field.type === FieldDescriptorProto_Type.ENUM) {
      askForDefined(rules);
    }
    setExtension(field.options, rulesOf, rules);
  }

  const walk = (type) => {
    type.field.forEach(extend);
    type.nestedType.filter((nested) => !nested.options?.mapEntry).forEach(walk);
  };
  files.file.filter((file) => file.package.startsWith('pingan.')).forEach((file) => file.messageType.forEach(walk));
  return createFileRegistry(files);
}

const registry = withOurRules(fromBinary(FileDescriptorSetSchema, readFileSync(descriptors)));
const validator = createValidator();

// The paths that protovalidate finds violated, each as often as it says so. Of an undefined enum number we say only that.
function violatedPaths(type, message) {
  const result = validator.validate(type, message);
  if (result.kind === 'error') throw result.error;
  const rules = Map.groupBy(result.violations ?? [], (violation) => pathToString(violation.field));
  return [...rules].flatMap(([path, violations]) =>
    violations.some(({ruleId}) => ruleId === 'enum.defined_only') ? [path] : violations.map(() => path),
  );
}

// Whether all of `some`, as often as they are there, are in `all`.
function isWithin(some, all) {
  const left = [...all];
  return some.every((path) => left.includes(path) && delete left[left.indexOf(path)]);
}
const isSame = (a, b) => a.length === b.length && isWithin(a, b);

// Of the resource of an update we judge its name always and the rest by the mask: all of it, or else some.
function agrees({violations, all, resource, whole}, theirs) {
  const isJudged = (path) => path !== `${resource}.name`;
  const isBelow = (path) => !whole && resource !== undefined && path.startsWith(`${resource}.`);
  const ours = violations.filter(isJudged);
  const wanted = theirs.filter(isJudged);
  if (!all) return isWithin(ours, wanted);
  return (
    isWithin(ours.filter(isBelow), wanted.filter(isBelow)) &&
    isSame(ours.filter((path) => !isBelow(path)), wanted.filter((path) => !isBelow(path)))
  );
}

let messages = 0, valid = 0, disagreements = 0;
for await (const line of createInterface({input: process.stdin})) {
  const verdict = JSON.parse(line);
  const type = registry.getMessage(verdict.type);
  const message = fromBinary(type, Buffer.from(verdict.message, 'base64'));
  const theirs = violatedPaths(type, message);
  messages += 1;
  valid += verdict.violations.length === 0 ? 1 : 0;
  if (agrees(verdict, theirs)) continue;
  disagreements += 1;
  if (disagreements > SHOWN) continue;
  console.log(`${verdict.type}\n  ours   ${verdict.violations.join(' ')}\n  theirs ${theirs.join(' ')}`);
  console.log(`  ${JSON.stringify(toJson(type, message, {registry}))}`);
}
console.log(`${messages} messages, ${valid} valid, ${disagreements} disagreements`);
process.exitCode = disagreements === 0 && messages > 0 ? 0 : 1;
