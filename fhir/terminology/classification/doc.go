// Package classification reads code systems such as ICD-10 from the files they are
// published in, tables (CSV) and ClaML, and gives each as the JSON of one
// CodeSystem. ICD-10 with its twelve thousand codes makes two megabytes of it, the
// largest national forms with a hundred thousand codes some fifteen.
package classification
