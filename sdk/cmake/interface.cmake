# mnemos_add_interface(): what programs call a service with that is not one of the SDK's. See mnemos-config.cmake.
# SPDX-License-Identifier: MIT OR Apache-2.0
function(mnemos_add_interface module)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "SCHEMA;PYTHON" "")
    if(arg_UNPARSED_ARGUMENTS OR arg_KEYWORDS_MISSING_VALUES OR NOT arg_SCHEMA)
        message(FATAL_ERROR "mnemos: ${module}: use mnemos_add_interface(${module} SCHEMA ${module}.toml [PYTHON folder])")
    endif()
    get_filename_component(schema "${arg_SCHEMA}" ABSOLUTE)
    get_filename_component(stem "${schema}" NAME_WE)
    if(NOT EXISTS "${schema}")
        message(FATAL_ERROR "mnemos: ${module}: there is no ${schema}")
    endif()
    if(NOT stem STREQUAL module)
        message(FATAL_ERROR "mnemos: ${module}: its schema is ${stem}.toml\n    fix: mnemos_add_interface(${stem} ...), an interface is named as its schema")
    endif()
    if(EXISTS "${MNEMOS_SDK_DIR}/include/mnemos/services/${module}.h")
        message(FATAL_ERROR "mnemos: ${module}: the SDK has a service of this name\n    fix: choose another name for module and file")
    endif()

    set(into "${CMAKE_CURRENT_BINARY_DIR}/mnemos-interfaces/${module}")
    set(sources "${into}/${module}.c" "${into}/${module}_call.c")
    set(headers "${into}/include/mnemos/abi/${module}.h" "${into}/include/mnemos/services/${module}.h")
    set(abigen "${MNEMOS_PYTHON}" "${MNEMOS_ROOT_DIR}/tools/abigen/abigen.py" interface "${schema}")
    file(GLOB inputs CONFIGURE_DEPENDS "${MNEMOS_ROOT_DIR}/tools/abigen/*.py" "${MNEMOS_ROOT_DIR}/abi/schema/*.toml"
        "${schema}/../released.json")
    add_custom_command(OUTPUT ${sources} ${headers} DEPENDS "${schema}" ${inputs}
        COMMAND ${abigen} --part program --into "${into}"
        COMMENT "Generating the interface ${module}" VERBATIM)
    add_library(mnemos_svc_${module} STATIC ${sources} ${headers})
    add_library(mnemos::svc::${module} ALIAS mnemos_svc_${module})
    target_include_directories(mnemos_svc_${module} PUBLIC "${into}/include")
    target_link_libraries(mnemos_svc_${module} PUBLIC mnemos::headers)
    _mnemos_program_flags(mnemos_svc_${module})
    set_target_properties(mnemos_svc_${module} PROPERTIES MNEMOS_HEADER "${into}/include/mnemos/abi/${module}.h")
    if(arg_PYTHON)
        get_filename_component(folder "${arg_PYTHON}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_BINARY_DIR}")
        add_custom_command(OUTPUT "${folder}/${module}.py" DEPENDS "${schema}" ${inputs}
            COMMAND ${abigen} --part host --into "${folder}"
            COMMENT "Generating ${module}.py" VERBATIM)
        add_custom_target(mnemos_svc_${module}_python ALL DEPENDS "${folder}/${module}.py")
    endif()
endfunction()
