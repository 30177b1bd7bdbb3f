/** TypeScript's compiler, asked what it says of some files. */
import * as path from "node:path"
import ts from "typescript"

export interface Mistake {
  /** The file's name without its folder. */
  readonly file: string
  readonly line: number
  readonly code: number
  readonly message: string
}

/** As a strict program of somebody else's is compiled. */
const strict: ts.CompilerOptions = {
  strict: true,
  target: ts.ScriptTarget.ES2022,
  lib: ["lib.es2023.d.ts"],
  types: ["node"],
  skipLibCheck: true
}

const node16 = { module: ts.ModuleKind.Node16, moduleResolution: ts.ModuleResolutionKind.Node16 }
const bundler = { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler }

export const resolutions = { node16, bundler }

/** Checks the files, and writes them as JavaScript beside themselves if that is wanted. */
export const compile = (
  files: ReadonlyArray<string>,
  options: ts.CompilerOptions & { readonly emit?: boolean }
): ReadonlyArray<Mistake> => {
  const { emit = false, ...changes } = options
  const program = ts.createProgram(files, { ...strict, noEmit: !emit, ...changes })
  if (emit) program.emit()
  return ts.getPreEmitDiagnostics(program).map(({ code, file, messageText, start }) => ({
    file: path.basename(file?.fileName ?? ""),
    line: file === undefined ? 0 : file.getLineAndCharacterOfPosition(start ?? 0).line + 1,
    code,
    message: ts.flattenDiagnosticMessageText(messageText, "\n")
  }))
}
