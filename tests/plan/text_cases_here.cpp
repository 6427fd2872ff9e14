// SPDX-License-Identifier: Apache-2.0
//
// Every folder of tests is a program of its own: the runner of text cases is compiled into this one too.
#include "../binding/text_cases.cpp"
