# What the folders of common/ and services/ are built with. An absent or empty folder is no error.

set(PINGAN_SANITIZERS "" CACHE STRING "Sanitizers, as -fsanitize= takes them")
option(PINGAN_MIMALLOC "Programs allocate with mimalloc" OFF)

# Handlers resume one another by tail calls, which GCC makes only when it optimises: never -O0.
set(CMAKE_CXX_FLAGS_DEV "-O1 -foptimize-sibling-calls -g1")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

# A precompiled header is taken only where these are the same everywhere: NOMINMAX comes with gRPC's flags;
# -fpch-preprocess lets ccache see through it.
add_compile_definitions(NOMINMAX)
add_compile_options(-pthread $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
add_link_options(-pthread)

if(PINGAN_SANITIZERS)
  add_compile_options(-fsanitize=${PINGAN_SANITIZERS} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  # With it clang 14 cannot assemble coroutines: "Cannot represent a difference across sections".
  add_compile_options($<$<CXX_COMPILER_ID:Clang>:-fno-sanitize=function>)
  if(PINGAN_SANITIZERS STREQUAL "thread")
    # -Wno-tsan: it warns of every std::atomic_thread_fence. -U: Debian's protobuf has its members as they are without it.
    add_compile_options(-Wno-tsan -U__SANITIZE_THREAD__)
    set(abseil ${CMAKE_CURRENT_LIST_DIR}/../tests/support/tsan/abseil.cc)
    add_library(pingan_tsan OBJECT ${abseil} ${CMAKE_CURRENT_LIST_DIR}/../tests/support/tsan/grpc.cc)
    file(STRINGS ${abseil} wrapped REGEX "_ZN")
    string(REGEX MATCHALL "_ZNK?4absl[A-Za-z0-9_]+" wrapped "${wrapped}")
    list(REMOVE_DUPLICATES wrapped)
    list(TRANSFORM wrapped PREPEND "-Wl,--wrap=")
    add_link_options(${wrapped})
  endif()
  add_link_options(-fsanitize=${PINGAN_SANITIZERS})
endif()

# Our own sources: GCC's warnings are errors, includes start at the root of the repository.
add_library(pingan_options INTERFACE)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  # Options structs are made with some members named; GCC 12 sees uninitialised variants where there are none.
  target_compile_options(pingan_options INTERFACE -Wall -Wextra -Werror -Wno-missing-field-initializers
                         -Wno-maybe-uninitialized)
endif()
target_include_directories(pingan_options INTERFACE ${CMAKE_SOURCE_DIR})

# The big headers of others, parsed once. They are in every source, but what links against what stays
# with the targets below.
function(pingan_add_precompiled target libraries)
  set(source ${CMAKE_BINARY_DIR}/precompiled/${target}.cc)
  file(CONFIGURE OUTPUT ${source} CONTENT "// Only carries the precompiled header.\n")
  add_library(${target} OBJECT ${source})
  target_link_libraries(${target} PRIVATE ${libraries})
  target_precompile_headers(${target} PRIVATE ${ARGN})
endfunction()

set(headers
  <algorithm> <atomic> <chrono> <coroutine> <functional> <map> <memory> <optional> <string> <thread>
  <unordered_map> <utility> <vector>
  <absl/container/flat_hash_map.h> <absl/status/statusor.h> <absl/strings/str_cat.h>
  <absl/strings/str_format.h> <absl/strings/str_split.h> <absl/synchronization/mutex.h>
  <absl/time/time.h> <google/protobuf/message.h> <google/protobuf/util/message_differencer.h>
  <grpcpp/grpcpp.h> <pqxx/pqxx>)
set(libraries absl::status PkgConfig::protobuf PkgConfig::grpc++ PkgConfig::libpqxx)
pingan_add_precompiled(pingan_precompiled "${libraries}" ${headers})
pingan_add_precompiled(pingan_precompiled_tests "${libraries};GTest::gmock" ${headers} <gmock/gmock.h>
                       <gtest/gtest.h>)

# A library of all given sources, or a target without substance while there are none.
function(pingan_add_library target)
  cmake_parse_arguments(PARSE_ARGV 1 library "" "" "SOURCES;LINK")
  if(library_SOURCES)
    add_library(${target} STATIC ${library_SOURCES})
    target_link_libraries(${target} PUBLIC pingan_options ${library_LINK})
    target_precompile_headers(${target} REUSE_FROM pingan_precompiled)
  else()
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE pingan_options ${library_LINK})
  endif()
endfunction()

# A program; mimalloc stands before libc among its libraries, so that its malloc wins.
function(pingan_add_program target)
  cmake_parse_arguments(PARSE_ARGV 1 program "" "" "SOURCES;LINK")
  add_executable(${target} ${program_SOURCES})
  if(PINGAN_MIMALLOC)
    target_link_options(${target} PRIVATE -Wl,--push-state,--no-as-needed -lmimalloc -Wl,--pop-state)
  endif()
  target_link_libraries(${target} PRIVATE ${program_LINK} $<TARGET_NAME_IF_EXISTS:pingan_tsan>)
endfunction()

# One gtest binary `<target>` of all given sources, built with the default target when there are any.
function(pingan_add_tests target)
  cmake_parse_arguments(PARSE_ARGV 1 tests "" "" "SOURCES;LINK")
  if(NOT tests_SOURCES)
    return()
  endif()
  pingan_add_program(${target} SOURCES ${tests_SOURCES} LINK ${tests_LINK} GTest::gmock_main GTest::gmock
                     GTest::gtest)
  target_precompile_headers(${target} REUSE_FROM pingan_precompiled_tests)
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${target} COMMAND ${target})
endfunction()

# Compiles the folder's NNNN_what.sql into the target. `<namespace>::<function>()`, declared in
# "<folder>/migrations.h" of the generated files, gives them in order.
function(pingan_embed_migrations target namespace function folder)
  file(GLOB scripts CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.sql)
  list(SORT scripts)
  set(entries "")
  foreach(script IN LISTS scripts)
    get_filename_component(file ${script} NAME_WE)
    if(NOT file MATCHES "^0*([1-9][0-9]*)_([a-z0-9_]+)$")
      message(FATAL_ERROR "${script} is not called NNNN_what.sql")
    endif()
    set(entry "{${CMAKE_MATCH_1}, \"${CMAKE_MATCH_2}\"")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${script})
    file(READ ${script} sql)
    string(APPEND entries "\n    ${entry}, R\"migration(${sql})migration\"},")
  endforeach()
  set(signature "absl::Span<const ::pingan::db::EmbeddedMigration> ${function}()")
  set(generated ${CMAKE_BINARY_DIR}/generated/${folder})
  file(CONFIGURE OUTPUT ${generated}/migrations.h @ONLY CONTENT [[
#pragma once
#include "common/db/migrations.h"

namespace @namespace@ {
@signature@;
}
]])
  file(CONFIGURE OUTPUT ${generated}/migrations.cc @ONLY CONTENT [[
#include "@folder@/migrations.h"

#include <vector>

namespace @namespace@ {

@signature@ {
  static const auto& migrations = *new std::vector<::pingan::db::EmbeddedMigration>{@entries@};
  return migrations;
}

}  // namespace @namespace@
]])
  target_sources(${target} PRIVATE ${generated}/migrations.cc)
endfunction()
