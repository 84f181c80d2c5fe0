# layers.cmake: refuses an #include that goes up, or that lets a library out of its files.
# Run by ctest: cmake -DTOP=<checkout> -P layers.cmake. The table is the one of ARCHITECTURE.md.
#
# SPDX-License-Identifier: MIT
cmake_minimum_required(VERSION 3.25)

# What a layer may include of ours, beside its own files.
set(base_uses "")
set(model_uses base)
set(loop_uses base)
set(store_uses base model loop)
set(ops_uses base model store)
set(http_uses base model loop ops)
set(main_uses base model loop store ops http)

# Which files may include a library: a regex on the include, then one on the path below src/.
set(libraries h2o hiredis openssl zlib jansson other)
set(h2o_include "^h2o([./]|$)")
set(h2o_files "^(loop/loop|store/(conn|dial)|http/[a-z_]+)\\.[ch]$")
set(hiredis_include "^hiredis/")
set(hiredis_files "^store/(conn|reply)\\.[ch]$")
set(openssl_include "^openssl/")
set(openssl_files "^(base/crypto|store/tls)\\.c$")
set(zlib_include "^zlib\\.h$")
set(zlib_files "^http/inflate\\.c$")
set(jansson_include "^jansson") # the oracle of the tests
set(jansson_files "^$")
set(other_include "^(curl/|utf8proc|uv\\.h|cmocka|yyjson|phonenumbers/)")
set(other_files "^$")

set(faults 0)
function(fault file line sentence)
  message(NOTICE "${file}: ${line}: ${sentence}")
  math(EXPR faults "${faults} + 1")
  set(faults ${faults} PARENT_SCOPE)
endfunction()

file(GLOB_RECURSE files RELATIVE ${TOP} ${TOP}/src/*.[ch] ${TOP}/src/*.def
     ${TOP}/include/*.h ${TOP}/include/*.def)
foreach(file IN LISTS files)
  string(REGEX REPLACE "^(src|include/kvcrm)/" "" path ${file})
  set(layer main)
  if(path MATCHES "^([a-z]+)/")
    set(layer ${CMAKE_MATCH_1})
  endif()
  if(NOT DEFINED ${layer}_uses)
    fault(${file} "" "the layer ${layer} is not in tests/lint/layers.cmake")
    continue()
  endif()

  file(STRINGS ${TOP}/${file} lines REGEX "^ *# *include")
  foreach(line IN LISTS lines)
    if(NOT line MATCHES "[\"<]([^\">]+)[\">]")
      fault(${file} "${line}" "an include that cannot be read")
      continue()
    endif()
    set(included ${CMAKE_MATCH_1})
    if(included MATCHES "^kvcrm/([a-z]+)/")
      if(NOT CMAKE_MATCH_1 IN_LIST ${layer}_uses AND NOT CMAKE_MATCH_1 STREQUAL layer)
        fault(${file} "${line}" "${layer} may not include ${CMAKE_MATCH_1}")
      endif()
    elseif(line MATCHES "\"")
      cmake_path(GET file PARENT_PATH folder)
      if(NOT EXISTS ${TOP}/${folder}/${included} AND NOT included MATCHES "${h2o_include}")
        fault(${file} "${line}" "neither kvcrm/<layer>/ nor a file of the same folder")
      endif()
    endif()
    foreach(library IN LISTS libraries)
      if(included MATCHES "${${library}_include}"
         AND NOT (file MATCHES "^src/" AND path MATCHES "${${library}_files}"))
        fault(${file} "${line}" "this file may not include ${library}")
      endif()
    endforeach()
  endforeach()
endforeach()

if(faults)
  message(FATAL_ERROR "${faults} includes break the rules")
endif()
