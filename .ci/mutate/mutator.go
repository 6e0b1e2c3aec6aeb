package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/build"
	"go/format"
	"go/importer"
	"go/parser"
	"go/printer"
	"go/token"
	"go/types"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
)

// A mutator rewrites the files of a package so that each of its mutants can be
// switched on while it runs.
type mutator struct {
	fset    *token.FileSet
	info    types.Info
	mutants []string          // descriptions; number i is switched on by MUTANT=i+1
	sources map[string][]byte // rewritten files, by absolute path

	file, function string
	count          map[string]int // of each description, to tell equal ones apart
	parents        []ast.Node
	written        map[any]string // source of expressions and statements before they are replaced
}

// mutate rewrites all files of the package in a folder, its tests excepted.
func mutate(folder string) (*mutator, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return nil, err
	}
	p, err := build.ImportDir(folder, 0)
	if err != nil {
		return nil, err
	}
	m := &mutator{fset: token.NewFileSet(), sources: map[string][]byte{}, count: map[string]int{}, written: map[any]string{}}
	m.info = types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}}
	var files []*ast.File
	for _, name := range p.GoFiles {
		f, err := parser.ParseFile(m.fset, filepath.Join(folder, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	config := types.Config{Importer: importer.ForCompiler(m.fset, "source", nil)}
	if _, err := config.Check(p.Name, m.fset, files, &m.info); err != nil {
		return nil, err
	}
	for i, f := range files {
		m.file = p.GoFiles[i]
		for _, d := range f.Decls {
			m.declaration(d)
		}
		var b bytes.Buffer
		if err := format.Node(&b, m.fset, f); err != nil {
			return nil, fmt.Errorf("%s: %w", m.file, err)
		}
		m.sources[filepath.Join(folder, m.file)] = b.Bytes()
	}
	m.sources[filepath.Join(folder, "mutant_switch.go")] = []byte("package " + p.Name + "\n" + switches)
	return m, nil
}

func (m *mutator) declaration(d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		m.function = d.Name.Name
		m.walk(reflect.ValueOf(d.Body))
	case *ast.GenDecl:
		for _, s := range d.Specs {
			v, ok := s.(*ast.ValueSpec)
			if ok && d.Tok == token.VAR && v.Names[0].Name == "pipeline" {
				m.function = "pipeline"
				m.stages(v.Values[0].(*ast.CompositeLit))
			}
		}
	}
}

// stages lets each stage of the pipeline be left out.
func (m *mutator) stages(list *ast.CompositeLit) {
	for _, e := range list.Elts {
		stage := e.(*ast.CompositeLit).Elts
		last := len(stage) - 1
		stage[last] = call("mutStage", m.mutant("without stage "+m.text(stage[last])), stage[last])
	}
}

// walk goes through all that is below a node and puts in its place what replaces
// it, the inner ones first.
func (m *mutator) walk(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if node, ok := v.Interface().(ast.Node); ok && !v.IsNil() {
			m.parents = append(m.parents, node)
			m.walk(v.Elem())
			m.parents = m.parents[:len(m.parents)-1]
		}
	case reflect.Interface:
		if v.IsNil() {
			return
		}
		before := m.describe(v.Interface())
		m.walk(v.Elem())
		if after := m.replace(v.Interface(), before); after != nil {
			v.Set(reflect.ValueOf(after))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			m.walk(v.Field(i))
		}
	case reflect.Slice:
		for i := range v.Len() {
			m.walk(v.Index(i))
		}
	}
}

// describe gives the source of an expression or a statement as it was written.
func (m *mutator) describe(n any) string {
	switch n := n.(type) {
	case *ast.BinaryExpr, *ast.UnaryExpr, *ast.CallExpr, *ast.BasicLit, *ast.Ident, *ast.SelectorExpr,
		*ast.ExprStmt, *ast.IncDecStmt, *ast.AssignStmt, *ast.BranchStmt, *ast.ReturnStmt:
		m.written[n] = m.text(n.(ast.Node))
	}
	return m.written[n]
}

func (m *mutator) text(n ast.Node) string {
	var b bytes.Buffer
	if err := printer.Fprint(&b, m.fset, n); err != nil {
		return err.Error()
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// mutant notes a mutant and gives its number as an expression.
func (m *mutator) mutant(what string) ast.Expr {
	description := fmt.Sprintf("%s %s: %s", m.file, m.function, what)
	m.count[description]++
	if n := m.count[description]; n > 1 {
		description += fmt.Sprintf(" (%d)", n)
	}
	m.mutants = append(m.mutants, description)
	return &ast.BasicLit{Kind: token.INT, Value: strconv.Itoa(len(m.mutants))}
}

func call(name string, arguments ...ast.Expr) ast.Expr {
	return &ast.CallExpr{Fun: ast.NewIdent(name), Args: arguments}
}

// replace gives what takes the place of a node, nil to leave it. Its children
// have been replaced; was is its source before.
func (m *mutator) replace(n any, was string) ast.Node {
	if e, ok := n.(ast.Expr); ok && m.info.Types[e].Value != nil {
		if literal, ok := n.(*ast.BasicLit); ok {
			return m.literal(literal, was)
		}
		return nil
	}
	switch n := n.(type) {
	case *ast.BinaryExpr:
		return m.binary(n, was)
	case *ast.UnaryExpr:
		if n.Op == token.NOT {
			return call("mutNegated", m.mutant(was+" without !"), n)
		}
	case *ast.CallExpr:
		return m.call(n, was)
	case *ast.Ident, *ast.SelectorExpr:
		if m.isCondition(n.(ast.Expr)) {
			return call("mutNegated", m.mutant("not "+was), n.(ast.Expr))
		}
	case *ast.ExprStmt, *ast.IncDecStmt, *ast.BranchStmt:
		return m.optional(n.(ast.Stmt), was)
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE && n.Tok != token.ASSIGN {
			return m.optional(n, was)
		}
	case *ast.ReturnStmt:
		if m.isEarly() {
			return m.optional(n, was)
		}
	}
	return nil
}
