# embed.cmake: turns the Lua scripts into C. Run at build time by lua/CMakeLists.txt, with
#   SOURCE_DIR (this folder)   LIST (file: the scripts, separated by semicolons)
#   LUA_DIR (gets the expanded scripts)   C_FILE   HEADER
#
# Each script is checked against its contract, `-- @include lib/x.lua` lines are replaced by that file
# (each file once), and nothing else is changed: what luacheck reads, what `redis-cli --eval` runs and
# what SCRIPT LOAD hashes are the same bytes. Any fault ends the build with one sentence.
#
# A script's text is never part of a CMake list, nor the pattern or replacement of a regex: ; [ ] \ $ and
# quotes would not survive. It is only handed on quoted, and cut by position.
#
# SPDX-License-Identifier: MIT
cmake_minimum_required(VERSION 3.25)

# Sets out to the text of file (relative to SOURCE_DIR) with its includes resolved. chain: the files that
# led here. done: the files that are already in the result, in the caller's scope as well.
function(expand file chain out)
  list(JOIN chain " -> " route)
  if(file IN_LIST chain)
    message(FATAL_ERROR "lua: includes go in a circle: ${route} -> ${file}")
  endif()
  list(APPEND chain ${file})
  list(JOIN chain " -> " route)
  if(NOT EXISTS ${SOURCE_DIR}/${file})
    message(FATAL_ERROR "lua: an included file is missing: ${route}")
  endif()
  file(READ ${SOURCE_DIR}/${file} rest)
  if(NOT "${rest}" MATCHES "\n$")
    message(FATAL_ERROR "lua: ${file} does not end with a newline")
  endif()

  set(text "")
  set(rest "\n${rest}")
  set(mark "\n-- @include ")
  while(TRUE)
    string(FIND "${rest}" "${mark}" at)
    if(at EQUAL -1)
      break()
    endif()
    string(SUBSTRING "${rest}" 0 ${at} before)
    string(LENGTH "${mark}" length)
    math(EXPR at "${at} + ${length}")
    string(SUBSTRING "${rest}" ${at} -1 rest)
    string(FIND "${rest}" "\n" end)
    string(SUBSTRING "${rest}" 0 ${end} included)
    string(SUBSTRING "${rest}" ${end} -1 rest)
    string(APPEND text "${before}")
    if(NOT "${included}" MATCHES "^lib/[a-z0-9_]+\\.lua$")
      message(FATAL_ERROR "lua: ${route}: cannot include \"${included}\": expected lib/<name>.lua")
    endif()
    if(NOT included IN_LIST done)
      expand(${included} "${chain}" snippet)
      string(APPEND text "\n${snippet}")
      string(REGEX REPLACE "\n$" "" text "${text}") # rest begins with the newline of the include line
    endif()
  endwhile()
  string(APPEND text "${rest}")
  if("${text}" MATCHES "@include")
    message(FATAL_ERROR "lua: ${route}: an @include that is not a line of the form \"-- @include lib/<name>.lua\"")
  endif()
  string(SUBSTRING "${text}" 1 -1 text) # the newline put before the first line
  list(APPEND done ${file})
  set(done ${done} PARENT_SCOPE)
  set(${out} "${text}" PARENT_SCOPE)
endfunction()

# Sets keys and writes from the contract at the top of a script, or ends the build.
function(contract_read file name)
  file(READ ${SOURCE_DIR}/${file} text)
  if("${text}" MATCHES "^#!lua\n")
    set(writes true)
  elseif("${text}" MATCHES "^#!lua flags=no-writes\n")
    set(writes false)
  else()
    message(FATAL_ERROR "lua: ${file}: the first line is neither \"#!lua\" nor \"#!lua flags=no-writes\"")
  endif()
  if(NOT "${text}" MATCHES "\n-- ${name}: [^\n]+")
    message(FATAL_ERROR "lua: ${file}: no contract line \"-- ${name}: <what it does>.\"")
  endif()
  if(NOT "${text}" MATCHES "\n-- Returns[ \n]")
    message(FATAL_ERROR "lua: ${file}: no contract line \"-- Returns ...\"")
  endif()
  if(NOT "${text}" MATCHES "\n-- @keys ([0-9]+)\n")
    message(FATAL_ERROR "lua: ${file}: no contract line \"-- @keys <number>\"")
  endif()
  set(keys ${CMAKE_MATCH_1} PARENT_SCOPE)
  set(writes ${writes} PARENT_SCOPE)
endfunction()

file(READ ${LIST} scripts)
file(GLOB stale ${LUA_DIR}/*.lua)
if(stale)
  file(REMOVE ${stale})
endif()

set(declarations "")
set(definitions "")
set(table "")
foreach(script IN LISTS scripts)
  cmake_path(GET script FILENAME file)
  cmake_path(GET script STEM name)
  if(NOT name MATCHES "^[a-z][a-z0-9_]*$")
    message(FATAL_ERROR "lua: ${file}: a script's name is made of a-z, 0-9 and _")
  endif()
  contract_read(${file} ${name})
  set(done "")
  expand(${file} "" text)
  file(WRITE ${LUA_DIR}/${file} "${text}")
  file(SHA1 ${LUA_DIR}/${file} sha1)

  # Bytes, not a string literal: C11 promises only 4,095 characters of those. 20 bytes make a line.
  file(READ ${LUA_DIR}/${file} bytes HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  string(REPEAT "....." 20 line)
  string(REGEX REPLACE "(${line})" "\\1\n" bytes "${bytes}")
  string(APPEND declarations "extern const struct script script_${name};\n")
  string(APPEND definitions "static const unsigned char text_${name}[] = {\n${bytes}};\n"
    "const struct script script_${name} = {\"${name}\", \"${sha1}\",\n"
    "    (const char *)text_${name}, sizeof(text_${name}), ${keys}, ${writes}};\n\n")
  string(APPEND table "    &script_${name},\n")
endforeach()

file(WRITE ${HEADER}.new "/* scripts.h: the scripts of lua/, made by lua/embed.cmake. */
#ifndef KVCRM_STORE_SCRIPTS_H
#define KVCRM_STORE_SCRIPTS_H

#include \"kvcrm/store/script.h\"

${declarations}
#endif
")
file(COPY_FILE ${HEADER}.new ${HEADER} ONLY_IF_DIFFERENT)
file(REMOVE ${HEADER}.new)
file(WRITE ${C_FILE} "/* scripts.c: the scripts of lua/, made by lua/embed.cmake. */
#include \"kvcrm/store/scripts.h\"

${definitions}const struct script *const scripts[] = {
${table}    NULL,
};
")
