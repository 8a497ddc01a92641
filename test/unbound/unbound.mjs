// Finds methods that lose their object: taken out of it and called, or handed on as a function. A
// method that uses `this` works then only as long as nobody makes a class of what was a literal.
import { join, relative } from 'node:path';
import ts from 'typescript';

/** Each as `folder/file.ts:12: text`. */
export function findUnbound(root, files) {
  const program = programOf(root, files);
  const checker = program.getTypeChecker();
  const sources = program.getSourceFiles().filter(({ fileName }) => !fileName.includes('node_modules'));
  const methods = methodsOfClasses(sources, checker);
  const isMethod = symbol => (symbol?.declarations ?? []).some(declaration => methods.has(declaration));
  const found = [];
  for (const source of sources)
    visit(source, node => {
      if (!losesObject(node, checker, isMethod)) return;
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      const text = node.parent.getText().slice(0, 100).replace(/\s+/g, ' ');
      found.push(`${relative(root, source.fileName)}:${line + 1}: ${text}`);
    });
  return found;
}

function programOf(root, files) {
  const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic() {} };
  const config = ts.getParsedCommandLineOfConfigFile(join(root, 'tsconfig.json'), { noEmit: true }, host);
  return ts.createProgram(files ?? config.fileNames, config.options);
}

/**
 * The declarations of methods that some class implements with `this`: its own, those of the
 * interfaces that it names, and those of the types that its objects are given to.
 */
function methodsOfClasses(sources, checker) {
  const methods = new Set();
  const add = property => {
    for (const declaration of property?.declarations ?? []) methods.add(declaration);
  };
  const all = use => {
    for (const source of sources) visit(source, use);
  };
  all(node => {
    if (!ts.isClassLike(node)) return;
    const own = node.members.filter(
      each => ts.isMethodDeclaration(each) && ts.isIdentifier(each.name) && usesThis(each),
    );
    for (const method of own) methods.add(method);
    const named = (node.heritageClauses ?? []).flatMap(({ types }) => types);
    for (const type of named) for (const { name } of own) add(checker.getTypeAtLocation(type).getProperty(name.text));
  });
  all(node => {
    if (!ts.isNewExpression(node)) return;
    const wanted = checker.getContextualType(node);
    for (const property of checker.getTypeAtLocation(node).getProperties())
      if ((property.declarations ?? []).some(each => methods.has(each))) add(wanted?.getProperty(property.name));
  });
  return methods;
}

function losesObject(node, checker, isMethod) {
  if (ts.isPropertyAccessExpression(node)) return isHandedOn(node) && isMethod(checker.getSymbolAtLocation(node.name));
  if (!ts.isBindingElement(node) || !ts.isObjectBindingPattern(node.parent) || !ts.isIdentifier(node.name))
    return false;
  const key = node.propertyName ?? node.name;
  if (node.dotDotDotToken !== undefined || key.text === undefined) return false;
  const property = checker.getTypeAtLocation(node.parent).getProperty(key.text);
  return isMethod(property) && isCalled(node, checker);
}

/** Not called, asked whether it is there, or looked into. */
function isHandedOn(node) {
  const { parent } = node;
  if (ts.isCallExpression(parent)) return parent.expression !== node;
  if (ts.isPropertyAccessExpression(parent) || ts.isTypeOfExpression(parent) || ts.isPrefixUnaryExpression(parent))
    return false;
  if (ts.isNonNullExpression(parent) || ts.isIfStatement(parent)) return false;
  if (ts.isConditionalExpression(parent)) return parent.condition !== node;
  return !ts.isBinaryExpression(parent) || parent.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken;
}

/** Whether the name of a binding is called in the function, or file, that it is in. */
function isCalled(element, checker) {
  const symbol = checker.getSymbolAtLocation(element.name);
  const scope = ts.findAncestor(element, each => ts.isFunctionLike(each) || ts.isSourceFile(each));
  let called = false;
  visit(scope, node => {
    if (ts.isCallExpression(node) && checker.getSymbolAtLocation(node.expression) === symbol) called = true;
  });
  return called;
}

function usesThis(method) {
  let uses = false;
  visit(method, ({ kind }) => {
    if (kind === ts.SyntaxKind.ThisKeyword || kind === ts.SyntaxKind.SuperKeyword) uses = true;
  });
  return uses;
}

function visit(node, use) {
  use(node);
  ts.forEachChild(node, child => visit(child, use));
}
